/** Of JupyterLab 4 what the extension calls. The tests run it in a real JupyterLab. */

declare module '@jupyterlab/apputils' {
  export class Notification {
    static error(message: string, options?: { autoClose?: number | false }): string;
    static info(message: string, options?: { autoClose?: number | false }): string;
    static emit(message: string, type: 'in-progress', options?: { autoClose?: number | false }): string;
    static dismiss(id: string): void;
  }
}

declare module '@jupyterlab/codemirror' {
  import type { Extension } from '@codemirror/state';

  /** The text of a cell or a file. */
  export interface EditorModel {
    readonly mimeType: string;
  }

  export interface ExtensionFactory {
    readonly name: string;
    /** `inline`: in a cell; else in a file. */
    factory(options: { readonly inline: boolean; readonly model: EditorModel }): object;
  }

  export interface IEditorExtensionRegistry {
    addExtension(factory: ExtensionFactory): void;
  }
  export const IEditorExtensionRegistry: object;

  export class EditorExtensionRegistry {
    static createImmutableExtension(extension: Extension): object;
  }
}

declare module '@jupyterlab/fileeditor' {
  import type { EditorModel } from '@jupyterlab/codemirror';

  export interface EditorWidget {
    readonly content: { readonly model: EditorModel };
    readonly context: { readonly path: string };
  }

  export interface IEditorTracker {
    find(fits: (widget: EditorWidget) => boolean): EditorWidget | undefined;
  }
  export const IEditorTracker: object;
}

declare module '@jupyterlab/notebook' {
  import type { EditorModel } from '@jupyterlab/codemirror';

  export interface CellModel extends EditorModel {
    readonly type: string;
    readonly sharedModel: { getSource(): string };
  }

  export interface NotebookPanel {
    readonly content: { readonly widgets: readonly { readonly model: CellModel }[] };
  }

  export interface INotebookTracker {
    find(fits: (panel: NotebookPanel) => boolean): NotebookPanel | undefined;
  }
  export const INotebookTracker: object;
}

declare module '@jupyterlab/settingregistry' {
  export interface Settings {
    /** The user's values over the defaults. */
    readonly composite: Readonly<Record<string, unknown>>;
  }

  /** The texts of a setting, or of all together. */
  export interface Described {
    title: string;
    description: string;
  }

  export interface Schema extends Described {
    readonly properties?: Readonly<Record<string, Described>>;
  }

  export interface StoredPlugin {
    readonly schema: Schema;
  }

  export interface ISettingRegistry {
    load(plugin: string): Promise<Settings>;
    /** Has what is loaded of a plug-in changed before anybody sees it, where its schema says that this is done. */
    transform(plugin: string, phases: { fetch(loaded: StoredPlugin): StoredPlugin }): unknown;
  }
  export const ISettingRegistry: object;
}

declare module '@jupyterlab/translation' {
  export interface ITranslator {
    /** As BCP 47 names it. */
    readonly languageCode: string;
  }
  export const ITranslator: object;
}

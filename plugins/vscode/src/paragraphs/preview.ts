/**
 * The preview of a paragraph: a read-only text with its actions in the first line. Knows neither the server nor what
 * the paragraph is for.
 *
 * A document of VS Code's own, since it wraps, scrolls, grows while it is written, is read by screen readers, and can be
 * copied from; decorations and ghost text do not wrap.
 */
import {
  CodeLens,
  type CodeLensProvider,
  type Command,
  Disposable,
  EventEmitter,
  l10n,
  languages,
  Range,
  type Tab,
  TabInputText,
  type TextDocument,
  type TextDocumentContentProvider,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';

const SCHEME = 'shadowpen-expansion';
/** In package.json, with the settings that make the text wrap. */
const LANGUAGE = 'shadowpen-expansion';

/** A line of words and commands above the text; words alone where `command` is "". */
export type Actions = Command[];

export class Preview implements Disposable, TextDocumentContentProvider, CodeLensProvider {
  private readonly changedText = new EventEmitter<Uri>();
  private readonly changedActions = new EventEmitter<void>();
  readonly onDidChange = this.changedText.event;
  readonly onDidChangeCodeLenses = this.changedActions.event;
  private readonly registered: Disposable;
  private opened = 0;
  private uri: Uri | undefined;
  private text = '';
  private actions: Actions = [];

  /** `closed`: the writer closed the tab. */
  constructor(closed: () => unknown) {
    this.registered = Disposable.from(
      workspace.registerTextDocumentContentProvider(SCHEME, this),
      languages.registerCodeLensProvider({ scheme: SCHEME }, this),
      window.tabGroups.onDidChangeTabs((change) => {
        if (change.closed.some(({ input }) => this.holds(input)) && !this.tabs().length) {
          this.uri = undefined;
          closed();
        }
      }),
      this.changedText,
      this.changedActions,
    );
  }

  has(document: TextDocument): boolean {
    return document.uri.toString() === this.uri?.toString();
  }

  /** `focus`: whether it gets the cursor when it is opened. */
  show(text: string, actions: Actions, focus = false): void {
    this.text = text;
    this.actions = actions;
    if (!this.uri) {
      void this.open(focus);
      return;
    }
    this.changedText.fire(this.uri);
    this.changedActions.fire();
  }

  /** A new address each time: the text of one that was closed may live on in VS Code. */
  private async open(focus: boolean): Promise<void> {
    const uri = (this.uri = Uri.from({ scheme: SCHEME, path: `/${++this.opened}/${l10n.t('Expansion')}` }));
    const document = await workspace.openTextDocument(uri);
    await languages.setTextDocumentLanguage(document, LANGUAGE);
    if (this.has(document)) {
      const options = { viewColumn: ViewColumn.Beside, preserveFocus: !focus, preview: false };
      await window.showTextDocument(document, options);
    }
    if (this.has(document)) {
      this.changedText.fire(uri); // what came while it was opened
    } else {
      await window.tabGroups.close(this.tabs(uri), true);
    }
  }

  async close(): Promise<void> {
    const uri = this.uri;
    this.uri = undefined;
    await window.tabGroups.close(this.tabs(uri), true);
  }

  private tabs(uri = this.uri): Tab[] {
    const all = window.tabGroups.all.flatMap((group) => group.tabs);
    return all.filter(({ input }) => this.holds(input, uri));
  }

  private holds(input: unknown, uri = this.uri): boolean {
    return input instanceof TabInputText && input.uri.toString() === uri?.toString();
  }

  provideTextDocumentContent(): string {
    return this.text;
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    return this.has(document) ? this.actions.map((action) => new CodeLens(new Range(0, 0, 0, 0), action)) : [];
  }

  dispose(): void {
    void this.close();
    this.registered.dispose();
  }
}

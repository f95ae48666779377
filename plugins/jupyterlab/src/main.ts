/** Shadowpen in JupyterLab: ghost text in Markdown cells and files of prose, and a command that expands and continues. */
import { Notification } from '@jupyterlab/apputils';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { IEditorTracker } from '@jupyterlab/fileeditor';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';
import { type Send, speak, Writer } from '../../codemirror/src';
import { addCommands, type Commands } from './commands';
import { ghostText } from './editors';
import { Places } from './places';
import { describeSettings, readSettings, type Settings } from './settings';

const READ_MS = 8000;

const send: Send = async ({ url, headers, body, signal }) => {
  const asked = { ...headers, 'Content-Type': 'application/json' };
  const options = { method: 'POST', headers: asked, body, signal: signal ?? null, credentials: 'omit', cache: 'no-store' } as const;
  const answer = await fetch(url, options);
  return { status: answer.status, json: answer.ok ? await answer.json() : undefined };
};

function activate(
  { commands }: { commands: Commands },
  registry: IEditorExtensionRegistry,
  stored: ISettingRegistry,
  notebooks: INotebookTracker | null,
  files: IEditorTracker | null,
  translator: ITranslator | null,
): void {
  speak(translator?.languageCode ?? '');
  describeSettings(stored);
  let settings: () => Settings = () => readSettings({});
  void stored.load('shadowpen:plugin').then((loaded) => {
    settings = () => readSettings(loaded.composite);
  });
  const writer = new Writer(() => settings(), send, (sentence) => Notification.error(sentence, { autoClose: READ_MS }));
  const places = new Places(notebooks, files);
  // Before the first editor opens, so the settings are not waited for.
  registry.addExtension({
    name: 'shadowpen',
    factory: ({ inline, model }) =>
      EditorExtensionRegistry.createImmutableExtension(ghostText({ model, inCell: inline, places, writer, settings: () => settings() })),
  });
  addCommands(commands, writer);
}

export default {
  id: 'shadowpen:plugin',
  description: 'Ghost text that writes like you, from a model on your own machine.',
  autoStart: true,
  requires: [IEditorExtensionRegistry, ISettingRegistry],
  optional: [INotebookTracker, IEditorTracker, ITranslator],
  activate,
};

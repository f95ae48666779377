/** Shadowpen in Obsidian: ghost text in notes, and commands that continue a paragraph and expand selected notes. */
import type { EditorView } from '@codemirror/view';
import { type Editor, moment, Notice, Plugin, requestUrl } from 'obsidian';
import { askHere, say, type Send, shadowpen, speak, Writer } from '../../codemirror/src';
import { DEFAULTS, type Settings, ShadowpenSettingTab } from './settings';

const CONTEXT_CHARACTERS = 8000;

/** Not by fetch: it would ask for leave across origins, which the server grants no page of another origin. */
const send: Send = async ({ url, headers, body }) =>
  requestUrl({ url, method: 'POST', contentType: 'application/json', headers, body, throw: false });

export default class ShadowpenPlugin extends Plugin {
  settings: Settings = DEFAULTS;
  private writer = new Writer(() => this.settings, send, (sentence) => new Notice(sentence));

  override async onload(): Promise<void> {
    speak(moment.locale()); // which is Obsidian's own language
    this.settings = { ...DEFAULTS, ...(await this.loadData()) };
    this.registerEditorExtension(shadowpen(async (wanted) => (wanted.asked || this.settings.ghostText ? this.writer.ghost(wanted) : '')));
    this.addSettingTab(new ShadowpenSettingTab(this.app, this));
    this.addCommand({
      id: 'suggest',
      name: say('Suggest here'),
      editorCallback: (editor) => {
        askHere((editor as Editor & { cm: EditorView }).cm); // Obsidian has no other way to its CodeMirror
      },
    });
    this.addCommand({ id: 'continue', name: say('Continue the paragraph'), editorCallback: (editor) => this.goOn(editor) });
    this.addCommand({
      id: 'expand',
      name: say('Expand the selected notes'),
      editorCallback: (editor) => this.expandNotes(editor),
    });
  }

  async change(settings: Partial<Settings>): Promise<void> {
    this.settings = { ...this.settings, ...settings };
    await this.saveData(this.settings);
  }

  private async goOn(editor: Editor): Promise<void> {
    const cursor = editor.getCursor();
    const before = editor.getRange({ line: 0, ch: 0 }, cursor).slice(-CONTEXT_CHARACTERS);
    await this.put(editor, '', () => this.writer.goOn(before));
  }

  private async expandNotes(editor: Editor): Promise<void> {
    const notes = editor.getSelection();
    if (notes.trim()) {
      await this.put(editor, notes, () => this.writer.expand(notes));
    } else {
      new Notice(say('Select your notes first.'));
    }
  }

  /** Put what is written in place of `selected`, unless text or selection are others meanwhile, as in another note. */
  private async put(editor: Editor, selected: string, write: () => Promise<string>): Promise<void> {
    const [note, at] = [editor.getValue(), editor.getCursor('from')];
    const text = await write();
    const now = editor.getCursor('from');
    const isHere = editor.getSelection() === selected && now.line === at.line && now.ch === at.ch;
    if (text && isHere && editor.getValue() === note) {
      editor.replaceSelection(text);
    } else if (text) {
      new Notice(say('The text changed meanwhile, so nothing was put into it.'));
    }
  }
}

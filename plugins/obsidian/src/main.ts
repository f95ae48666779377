/** Shadowpen in Obsidian: ghost text in notes, and commands that continue a paragraph and expand selected notes. */
import type { EditorView } from '@codemirror/view';
import { type Editor, Notice, Plugin } from 'obsidian';
import { askHere, shadowpen, type Wanted } from '../../codemirror/src';
import { complete, expand, NoAnswer } from './serve';
import { DEFAULTS, type Settings, ShadowpenSettingTab } from './settings';

const CONTEXT_CHARACTERS = 8000;

export default class ShadowpenPlugin extends Plugin {
  settings: Settings = DEFAULTS;
  private told = '';

  override async onload(): Promise<void> {
    this.settings = { ...DEFAULTS, ...(await this.loadData()) };
    this.registerEditorExtension(shadowpen((wanted) => this.ghost(wanted)));
    this.addSettingTab(new ShadowpenSettingTab(this.app, this));
    this.addCommand({
      id: 'suggest',
      name: 'Suggest here',
      editorCallback: (editor) => {
        askHere((editor as Editor & { cm: EditorView }).cm); // Obsidian has no other way to its CodeMirror
      },
    });
    this.addCommand({ id: 'continue', name: 'Continue the paragraph', editorCallback: (editor) => this.goOn(editor) });
    this.addCommand({ id: 'expand', name: 'Expand the selected notes', editorCallback: (editor) => this.expandNotes(editor) });
  }

  async change(settings: Partial<Settings>): Promise<void> {
    this.settings = { ...this.settings, ...settings };
    this.told = '';
    await this.saveData(this.settings);
  }

  private async ghost({ before, after, asked }: Wanted): Promise<string> {
    if (!asked && !this.settings.ghostText) {
      return '';
    }
    const text = await this.answer(() => complete(this.settings, asked ? 'shadowpen' : 'shadowpen-quiet', before, after));
    return text ?? '';
  }

  private async goOn(editor: Editor): Promise<void> {
    const cursor = editor.getCursor();
    const before = editor.getRange({ line: 0, ch: 0 }, cursor).slice(-CONTEXT_CHARACTERS);
    await this.put(editor, '', () => complete(this.settings, 'shadowpen-continue', before, ''));
  }

  private async expandNotes(editor: Editor): Promise<void> {
    const notes = editor.getSelection();
    if (notes.trim()) {
      await this.put(editor, notes, () => expand(this.settings, notes));
    } else {
      new Notice('Select your notes first.');
    }
  }

  /** Put what is written in place of `selected`, unless the selection is another one meanwhile. */
  private async put(editor: Editor, selected: string, write: () => Promise<string>): Promise<void> {
    const at = editor.getCursor('from');
    const text = await this.answer(write);
    const now = editor.getCursor('from');
    if (text && editor.getSelection() === selected && now.line === at.line && now.ch === at.ch) {
      editor.replaceSelection(text);
    }
  }

  /** What `write` brings; undefined with a notice, once for each reason, if nothing comes. */
  private async answer(write: () => Promise<string>): Promise<string | undefined> {
    try {
      const text = await write();
      this.told = '';
      return text;
    } catch (error) {
      const reason = error instanceof NoAnswer ? error.message : 'Shadowpen gave no answer.';
      if (reason !== this.told) {
        new Notice(reason);
      }
      this.told = reason;
      return undefined;
    }
  }
}

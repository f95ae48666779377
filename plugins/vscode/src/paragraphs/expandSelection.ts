/**
 * Expand selected notes: the paragraph appears beside the text; the user accepts one or none. Only what is taken
 * changes the document, in one step of undo, and only while the document is the one the notes were read from. Knows
 * nothing of how the text is made.
 */
import {
  CancellationTokenSource,
  commands,
  Disposable,
  env,
  l10n,
  ProgressLocation,
  Range,
  Selection,
  type TextDocument,
  type TextEditor,
  type TextEditorEdit,
  window,
  workspace,
  WorkspaceEdit,
} from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { FOCUS_BOX, isBox } from '../commitBox';
import { type Actions, Preview } from './preview';
import { ask } from './serverCommand';

/** The server's command: [uri, range, {preview, seed, candidates, turn, shown}]. */
export const EXPAND = 'shadowpen.expand';

const CANDIDATES = 3;
/** What the built-in model can do with a paragraph; a server's model takes any words. */
const TURNS = [
  { label: l10n.t('Shorter'), turn: 'shorter' },
  { label: l10n.t('Longer'), turn: 'longer' },
  { label: l10n.t('Another beginning'), turn: 'another beginning' },
  { label: l10n.t('Another wording'), turn: 'another wording' },
  { label: l10n.t('Less formal'), turn: 'less formal' },
  { label: l10n.t('More formal'), turn: 'more formal' },
  { label: l10n.t('Mention…'), prompt: l10n.t('What must it mention?'), before: 'mention ' },
  { label: l10n.t('Something else…'), prompt: l10n.t('How should it be changed?'), before: '' },
];
const PROGRESS = {
  location: ProgressLocation.Notification,
  title: l10n.t('Shadowpen expands the selection'),
  cancellable: true,
};

/** What the server answers; `missing` has the words of the notes that each candidate lacks. */
interface Answer {
  candidates?: string[];
  missing?: string[][];
  reason: string;
}

interface Candidate {
  text: string;
  missing: string[];
}

/** What is to be made a paragraph of. */
interface Notes {
  document: TextDocument;
  selection: Range;
  viewColumn?: TextEditor['viewColumn'];
}

/** Notes, and what was made of them so far. */
interface Expansion {
  readonly document: TextDocument;
  readonly version: number;
  readonly range: Range;
  readonly column: TextEditor['viewColumn'];
  readonly candidates: Candidate[];
  /** The text so far of what the server writes, or wrote last. */
  partial: string;
  chosen: number;
  seed: number;
  /** While the server writes. */
  stop?: CancellationTokenSource | undefined;
  /** Why no candidate can take the place of the notes any more. */
  stale: string;
}

export class Expansions implements Disposable {
  private readonly preview = new Preview(() => this.discard());
  private current: Expansion | undefined;
  private readonly listeners: Disposable;

  constructor(private readonly client: () => LanguageClient | undefined) {
    this.listeners = Disposable.from(
      workspace.onDidChangeTextDocument(
        ({ document, contentChanges }) => contentChanges.length && this.lose(document, l10n.t('The text changed')),
      ),
      workspace.onDidCloseTextDocument((document) => this.lose(document, l10n.t('The document was closed or renamed'))),
      window.onDidChangeActiveTextEditor(() => this.tellKeys()),
    );
  }

  /** Make a paragraph of the selection in an editor, or of one that no editor shows. */
  async start({ document, selection, viewColumn }: Notes): Promise<void> {
    await this.discard();
    const range = withoutBlanks(document, selection);
    const begun = { candidates: [], partial: '', chosen: 0, seed: 0, stale: '' };
    this.current = { document, version: document.version, range, column: viewColumn, ...begun };
    await this.write(this.current);
  }

  /** The next candidate; after the last, the server makes more. */
  async next(): Promise<void> {
    const expansion = this.current;
    if (!expansion || expansion.stop || expansion.stale) {
      return;
    }
    if (expansion.chosen + 1 < expansion.candidates.length) {
      expansion.chosen += 1;
      this.draw(expansion);
    } else {
      expansion.seed += 1;
      await this.write(expansion);
    }
  }

  /** Ask for the paragraph that is shown in another way. */
  async change(): Promise<void> {
    const expansion = this.current;
    const shown = expansion?.candidates[expansion.chosen]?.text;
    if (!expansion || expansion.stop || expansion.stale || shown === undefined) {
      return;
    }
    const chosen = await window.showQuickPick(TURNS, { title: 'Shadowpen', placeHolder: l10n.t('Change the paragraph') });
    const words = chosen?.prompt ? await window.showInputBox({ title: 'Shadowpen', prompt: chosen.prompt }) : undefined;
    const turn = chosen?.turn ?? (words?.trim() ? `${chosen?.before}${words.trim()}` : '');
    if (turn && this.current === expansion && !expansion.stop && !expansion.stale) {
      await this.write(expansion, { turn, shown });
    }
  }

  /** What is shown takes the place of the notes. */
  async take(): Promise<void> {
    const expansion = this.current;
    const text = expansion?.candidates[expansion.chosen]?.text;
    if (!expansion || expansion.stop || expansion.stale || text === undefined) {
      return;
    }
    const { document, range, version, column } = expansion;
    const shown = window.visibleTextEditors.find((editor) => editor.document === document)?.viewColumn ?? column;
    const options = shown === undefined ? {} : { viewColumn: shown };
    const editor = isBox(document) ? undefined : await window.showTextDocument(document, options);
    if (this.current !== expansion || document.version !== version) {
      return; // and the preview says so
    }
    this.current = undefined; // this change is ours
    if (await (editor ? put(editor, range, text) : replace(document, range, text))) {
      await this.close(document);
    } else {
      this.current = expansion;
      this.lose(document, l10n.t('The text changed'));
    }
  }

  /** What is shown goes to the clipboard: what can be done with it where its notes have changed. */
  async copy(): Promise<void> {
    const expansion = this.current;
    if (expansion) {
      await env.clipboard.writeText(this.text(expansion));
      await this.discard();
    }
  }

  async discard(): Promise<void> {
    const expansion = this.current;
    expansion?.stop?.cancel();
    this.current = undefined;
    await this.close(expansion?.document);
  }

  /** The preview goes; the commit box that it took the focus from has it again. */
  private async close(document: TextDocument | undefined): Promise<void> {
    void this.tellKeys();
    await this.preview.close();
    await (document && isBox(document) && commands.executeCommand(FOCUS_BOX));
  }

  private async write(expansion: Expansion, turn = {}): Promise<void> {
    const wrong = await this.ask(expansion, turn).catch((error: Error) => error.message);
    if (this.current !== expansion) {
      return;
    }
    expansion.stop = undefined;
    if (this.text(expansion)) {
      this.draw(expansion);
    } else {
      await this.discard();
    }
    if (wrong) {
      void window.showWarningMessage(l10n.t('Shadowpen: {0}.', wrong.replace(/\.$/, '')));
    }
  }

  /** Ask the server for candidates, those of a turn where there is one; why there are none. */
  private async ask(expansion: Expansion, turn: object): Promise<string> {
    const client = this.client();
    if (!client) {
      return l10n.t('nothing can be expanded here: the language server is not running');
    }
    const { document, range, seed } = expansion;
    const stop = (expansion.stop = new CancellationTokenSource());
    expansion.partial = '';
    await this.tellKeys(); // the key that cancels is there before there is something to cancel
    const convert = client.code2ProtocolConverter;
    const options = { preview: true, seed, candidates: CANDIDATES, ...turn };
    const given = [convert.asUri(document.uri), convert.asRange(range), options];
    const answer = await window.withProgress(PROGRESS, (_, cancelled) => {
      cancelled.onCancellationRequested(() => stop.cancel());
      return ask<Answer>(client, EXPAND, given, stop, (text) => this.grow(expansion, text));
    });
    if (stop.token.isCancellationRequested) {
      return expansion.stale && !this.text(expansion) ? l10n.t('{0}, so its expansion was discarded', expansion.stale) : '';
    }
    const texts = answer?.candidates ?? [];
    if (texts.length) {
      expansion.chosen = expansion.candidates.length;
      expansion.candidates.push(...texts.map((text, i) => ({ text, missing: answer?.missing?.[i] ?? [] })));
    }
    return texts.length ? '' : answer?.reason || l10n.t('the model wrote nothing for these notes');
  }

  private grow(expansion: Expansion, text: string): void {
    if (this.current === expansion && expansion.stop && !expansion.stale && text) {
      expansion.partial = text;
      this.draw(expansion);
    }
  }

  /** `document` is not what it was. */
  private lose(document: TextDocument, why: string): void {
    const expansion = this.current;
    if (expansion?.document !== document || expansion.stale) {
      return;
    }
    expansion.stale = why;
    if (expansion.stop) {
      expansion.stop.cancel();
    } else {
      this.draw(expansion);
    }
  }

  /** What is to be seen: the text that grows, else the chosen candidate. */
  private text({ stop, stale, partial, candidates, chosen }: Expansion): string {
    const finished = candidates[chosen]?.text ?? '';
    return stop ? partial || finished : finished || (stale && partial);
  }

  private draw(expansion: Expansion): void {
    // The keys of the preview are no keys of the commit box, so there the preview takes the focus.
    this.preview.show(this.text(expansion), this.actions(expansion), isBox(expansion.document));
    void this.tellKeys();
  }

  private actions({ stop, stale, candidates, chosen }: Expansion): Actions {
    const discard = { title: l10n.t('Discard (Esc)'), command: 'shadowpen.discardExpansion' };
    if (stale) {
      const copy = { title: l10n.t('Copy'), command: 'shadowpen.copyExpansion' };
      return [copy, discard, { title: l10n.t('{0}: nothing is replaced.', stale), command: '' }];
    }
    if (stop) {
      return [{ title: l10n.t('Shadowpen is writing…'), command: '' }, discard];
    }
    const missing = candidates[chosen]?.missing ?? [];
    const without = l10n.t('without {0}', missing.join(', '));
    return [
      { title: l10n.t('{0} of {1}', chosen + 1, candidates.length), command: '' },
      { title: l10n.t('Accept (Tab)'), command: 'shadowpen.takeExpansion' },
      { title: l10n.t('Next (Alt+])'), command: 'shadowpen.nextExpansion' },
      { title: l10n.t('Change… (Alt+Enter)'), command: 'shadowpen.changeExpansion' },
      discard,
      ...(missing.length ? [{ title: without, tooltip: without, command: '' }] : []), // may be longer than the line
    ];
  }

  /** Which keys are ours now: in the text of the notes and in the preview, and nowhere else. */
  private tellKeys(): Thenable<unknown> {
    const [expansion, document] = [this.current, window.activeTextEditor?.document];
    const here = document && (document === expansion?.document || this.preview.has(document));
    const state = !expansion || !here ? '' : expansion.stop ? 'writing' : expansion.stale ? 'stale' : 'ready';
    return commands.executeCommand('setContext', 'shadowpen.expansion', state);
  }

  dispose(): void {
    void this.discard();
    this.listeners.dispose();
    this.preview.dispose();
  }
}

/** The part of `range` from its first to its last letter: the blanks around notes stay where they are. */
function withoutBlanks(document: TextDocument, range: Range): Range {
  const text = document.getText(range);
  const notes = text.trim();
  if (!notes) {
    return new Range(range.start, range.end);
  }
  const start = document.offsetAt(range.start) + text.indexOf(notes);
  return new Range(document.positionAt(start), document.positionAt(start + notes.length));
}

/** Replace `range` of a document that no editor shows. */
function replace(document: TextDocument, range: Range, text: string): Thenable<boolean> {
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, range, text);
  return workspace.applyEdit(edit);
}

/**
 * Replace `range` in one step of undo; false where the document has changed by the time VS Code makes the edit.
 *
 * The cursor is put behind the range before, where the inserted text pushes it on: a key that follows at once is typed
 * behind the new text, and never over it.
 */
function put(editor: TextEditor, range: Range, text: string): Thenable<boolean> {
  editor.selection = new Selection(range.end, range.end);
  const replace = (edit: TextEditorEdit) => {
    edit.delete(range);
    edit.insert(range.end, text);
  };
  return editor.edit(replace, { undoStopBefore: true, undoStopAfter: true });
}

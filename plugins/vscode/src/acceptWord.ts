/**
 * Taking one prose word of ghost text: the blanks before it and the punctuation on it, in one undo step.
 *
 * VS Code's own command stops after every run of blanks and after every word, and tells nobody. It is still the one
 * that knows which ghost text is drawn: it takes the first piece, and if that is a piece of ours, the rest of the word
 * follows and the server is told. Knows neither processes nor the status.
 */
import {
  commands,
  InlineCompletionItem,
  type InlineCompletionList,
  type Position,
  Range,
  type TextDocument,
  type TextEditor,
  window,
} from 'vscode';

interface Ghost {
  item: InlineCompletionItem;
  /** The server's text that stands in the document already, and what is still grey. */
  typed: string;
  rest: string;
}

/** The answer last given to VS Code, found again as it is typed along. */
export class Ghosts {
  private last: { document: TextDocument; at: Position; item: InlineCompletionItem } | undefined;

  remember(
    document: TextDocument,
    at: Position,
    found: InlineCompletionItem[] | InlineCompletionList | null | undefined,
  ): void {
    const item = (Array.isArray(found) ? found : found?.items)?.[0];
    if (item) {
      this.last = { document, at, item };
    }
  }

  /** The ghost text at the cursor of `editor`, where text and answer still agree. */
  at(editor: TextEditor): Ghost | undefined {
    const last = this.last;
    const cursor = editor.selection.active;
    if (last?.document !== editor.document || cursor.isBefore(last.at) || typeof last.item.insertText !== 'string') {
      return undefined;
    }
    const typed = textIn(editor.document, last.at, cursor);
    const rest = last.item.insertText.slice(typed.length);
    return last.item.insertText.startsWith(typed) && rest ? { item: last.item, typed, rest } : undefined;
  }
}

function textIn(document: TextDocument, from: Position, to: Position): string {
  return document.getText(new Range(from, to)).replaceAll('\r\n', '\n');
}

/** `acceptedLength` counts UTF-16 units from the start of the item's text. */
type Report = (item: InlineCompletionItem, acceptedLength: number) => unknown;

let queue = Promise.resolve();

/** Take the next word; a key that is held down takes word after word. */
export function acceptWord(ghosts: Ghosts, report: Report): Promise<void> {
  queue = queue.then(() => takeWord(ghosts, report)).catch(console.error);
  return queue;
}

async function takeWord(ghosts: Ghosts, report: Report): Promise<void> {
  const editor = window.activeTextEditor;
  if (!editor) {
    return;
  }
  const start = editor.selection.active;
  const ghost = ghosts.at(editor);
  await commands.executeCommand('editor.action.inlineSuggest.acceptNextWord');
  const first = textIn(editor.document, start, editor.selection.active);
  if (!ghost || !first || !ghost.rest.startsWith(first)) {
    return; // nothing was drawn, or it was another extension's
  }
  const word = /^\s*\S+/.exec(ghost.rest)?.[0] ?? ghost.rest;
  const missing = word.slice(first.length);
  if (missing && !(await append(editor, missing))) {
    return; // the writer was quicker
  }
  const taken = first + missing;
  if (ghost.rest.slice(taken.length).trim()) {
    report(ghost.item, ghost.typed.length + taken.length);
  } else if (missing && ghost.item.command) {
    await commands.executeCommand(ghost.item.command.command, ...(ghost.item.command.arguments ?? []));
  }
}

/** Insert at the cursor, joined to the undo step before. */
function append(editor: TextEditor, text: string): Thenable<boolean> {
  return editor.edit((edit) => edit.insert(editor.selection.active, text), {
    undoStopBefore: false,
    undoStopAfter: true,
  });
}

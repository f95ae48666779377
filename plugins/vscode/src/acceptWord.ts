/**
 * Taking a prose word of ghost text, the blanks before it and the punctuation on it, or a sentence; in one undo step.
 *
 * VS Code's own command stops after every run of blanks and after every word, and tells nobody. It is still the one
 * that knows which ghost text is drawn: it takes the first piece, and if that is a piece of ours, the rest of the word or
 * sentence follows and the server is told. Of several ghost texts that begin alike it takes pieces until it is plain which one
 * is meant. Knows neither processes nor the status.
 */
import { commands, type InlineCompletionItem, type TextEditor, window } from 'vscode';
import { type Ghost, type Ghosts, textIn } from './ghosts';

/** `acceptedLength` counts UTF-16 units from the start of the item's text. */
type Report = (item: InlineCompletionItem, acceptedLength: number) => unknown;

const WORD = /^\s*\S+/;
/** Up to the marks that end it, with what is closed behind them; those of other scripts need no blank. */
const SENTENCE = /^[^]*?(?:[.!?…]["'”’»)\]]*(?=\s|$)|[。！？｡؟۔।॥։።፧፨។៕။།༎᠃᠉܀⸮‼⁇⁈⁉‽]["'”’»)\]」』）]*)/;

let queue = Promise.resolve();

/** Take the next word; a key that is held down takes word after word. */
export function acceptWord(ghosts: Ghosts, report: Report): Promise<void> {
  queue = queue.then(() => take(WORD, ghosts, report)).catch(console.error);
  return queue;
}

/** Take what is left of the sentence, all of the ghost text where it does not end within it. */
export function acceptSentence(ghosts: Ghosts, report: Report): Promise<void> {
  queue = queue.then(() => take(SENTENCE, ghosts, report)).catch(console.error);
  return queue;
}

async function take(piece: RegExp, ghosts: Ghosts, report: Report): Promise<void> {
  const editor = window.activeTextEditor;
  if (!editor) {
    return;
  }
  const { begun, word, possible } = await takeBeginning(piece, editor, ghosts.at(editor));
  if (!possible.length) {
    return; // nothing was drawn, or it was another extension's
  }
  const missing = word.slice(begun.length);
  if (missing && !(await append(editor, missing))) {
    return; // the writer was quicker
  }
  const [ghost, ...others] = possible;
  if (!ghost || others.length) {
    return; // which one it is the server sees as it goes on
  }
  if (ghost.rest.slice(word.length).trim()) {
    report(ghost.item, ghost.typed.length + word.length);
  } else if (missing && ghost.item.command) {
    await commands.executeCommand(ghost.item.command.command, ...(ghost.item.command.arguments ?? []));
  }
}

/**
 * VS Code takes pieces of what it draws: `begun` is what came of the `word` that is meant, `possible` the ghost texts it
 * may be from.
 */
async function takeBeginning(
  piece: RegExp,
  editor: TextEditor,
  ghosts: Ghost[],
): Promise<{ begun: string; word: string; possible: Ghost[] }> {
  const start = editor.selection.active;
  let begun = '';
  for (;;) {
    await commands.executeCommand('editor.action.inlineSuggest.acceptNextWord');
    const before = begun;
    begun = textIn(editor.document, start, editor.selection.active);
    const possible = ghosts.filter(({ rest }) => begun !== before && rest.startsWith(begun));
    const words = possible.map(({ rest }) => piece.exec(rest)?.[0] ?? rest);
    const [word = begun, ...others] = words;
    if (others.every((other) => other === word)) {
      return { begun, word, possible };
    }
    if (words.includes(begun)) {
      return { begun, word: begun, possible: possible.filter((_, i) => words[i] === begun) };
    }
  }
}

/** Insert at the cursor, joined to the undo step before. */
function append(editor: TextEditor, text: string): Thenable<boolean> {
  return editor.edit((edit) => edit.insert(editor.selection.active, text), {
    undoStopBefore: false,
    undoStopAfter: true,
  });
}

/**
 * Accept a word of ghost text with its blanks and punctuation, or a sentence, in one undo step.
 *
 * VS Code's own command stops after every run of blanks and after every word, and tells nobody. It is still the one
 * that knows which ghost text is drawn: it takes the first piece, and if that is a piece of ours, the rest of the word or
 * sentence follows and the server is told. Of several ghost texts that begin alike it takes pieces until it is plain which one
 * is meant. Knows neither processes nor the status.
 */
import { commands, type InlineCompletionItem } from 'vscode';
import { type Ghost, type Ghosts, type Hand, type Spot, textIn } from './ghosts';

/** `acceptedLength` counts UTF-16 units from the start of the item's text. */
export type Report = (item: InlineCompletionItem, acceptedLength: number) => unknown;

const WORD = /^\s*\S+/;
/** Up to the marks that end it, with what is closed behind them; those of other scripts need no blank. */
const SENTENCE = /^[^]*?(?:[.!?…]["'”’»)\]]*(?=\s|$)|[。！？｡؟۔।॥։።፧፨។៕။།༎᠃᠉܀⸮‼⁇⁈⁉‽]["'”’»)\]」』）]*)/;

let queue = Promise.resolve();

/** Take the next word; a key that is held down takes word after word. */
export function acceptWord(hand: Hand | undefined, ghosts: Ghosts, report: Report): Promise<void> {
  queue = queue.then(() => take(WORD, hand, ghosts, report)).catch(console.error);
  return queue;
}

/** Take what is left of the sentence, all of the ghost text where it does not end within it. */
export function acceptSentence(hand: Hand | undefined, ghosts: Ghosts, report: Report): Promise<void> {
  queue = queue.then(() => take(SENTENCE, hand, ghosts, report)).catch(console.error);
  return queue;
}

async function take(piece: RegExp, hand: Hand | undefined, ghosts: Ghosts, report: Report): Promise<void> {
  const start = hand?.spot;
  if (!hand || !start) {
    return;
  }
  const { begun, word, possible } = await takeBeginning(piece, hand, start, ghosts.at(start));
  if (!possible.length) {
    return; // nothing was drawn, or it was another extension's
  }
  const missing = word.slice(begun.length);
  if (missing && !(await hand.append(missing))) {
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
  hand: Hand,
  { document, cursor }: Spot,
  ghosts: Ghost[],
): Promise<{ begun: string; word: string; possible: Ghost[] }> {
  let begun = '';
  for (;;) {
    await commands.executeCommand('editor.action.inlineSuggest.acceptNextWord');
    const before = begun;
    begun = textIn(document, cursor, hand.spot?.cursor ?? cursor);
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

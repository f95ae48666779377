/** The keys of ghost text; where there is none, each does what it did before. */
import { Prec } from '@codemirror/state';
import { type Command, type EditorView, keymap } from '@codemirror/view';
import { askHere } from './asking';
import { ghostField, setGhost } from './ghost';

const WORD = /^\s*\S+/u;
/** Up to the marks that end it, with what is closed behind them; those of other scripts need no blank. */
const SENTENCE =
  /^[\s\S]*?(?:[.!?…]["'”’»)\]]*(?=\s|$)|[。！？｡؟۔।॥։።፧፨។។៕།༎᠃᠉܀⸮‼⁇⁈⁉‽]["'”’»)\]」』）]*)/u;
const LINE = /^\n?[^\n]*/u;

/** Accept what `part` finds at the beginning of the ghost. */
function accept(part: RegExp): Command {
  return (view: EditorView) => {
    const ghost = view.state.field(ghostField);
    const text = ghost?.text.match(part)?.[0] || ghost?.text;
    if (!ghost || !text) {
      return false;
    }
    const rest = ghost.text.slice(text.length);
    const end = ghost.at + text.length;
    view.dispatch({
      changes: { from: ghost.at, insert: text },
      selection: { anchor: end },
      effects: setGhost.of(rest ? { at: end, text: rest } : null),
      userEvent: 'input.complete',
      scrollIntoView: true,
    });
    return true;
  };
}

export const acceptAll = accept(/[\s\S]*/u);
export const acceptWord = accept(WORD);
export const acceptSentence = accept(SENTENCE);
export const acceptLine = accept(LINE);

export const dismiss: Command = (view) => {
  if (!view.state.field(ghostField)) {
    return false;
  }
  view.dispatch({ effects: setGhost.of(null) });
  return true;
};

export const ghostKeys = Prec.highest(
  keymap.of([
    { key: 'Tab', run: acceptAll },
    { key: 'Ctrl-ArrowRight', run: acceptWord },
    { key: 'Alt-ArrowRight', run: acceptSentence },
    { key: 'Ctrl-ArrowDown', run: acceptLine },
    { key: 'Escape', run: dismiss },
    { key: 'Alt-\\', run: askHere },
  ]),
);

/**
 * The ghost text of an editor: where it stands, how it is drawn, and what typing does to it. Knows not where it is from.
 */
import { type EditorState, StateEffect, StateField, type Transaction } from '@codemirror/state';
import { Decoration, EditorView, WidgetType } from '@codemirror/view';

export interface Ghost {
  readonly at: number;
  readonly text: string;
}

/** Show a ghost in place of the one there is; null takes it away. */
export const setGhost = StateEffect.define<Ghost | null>();

class GhostWidget extends WidgetType {
  constructor(private readonly text: string) {
    super();
  }

  override eq(other: GhostWidget): boolean {
    return other.text === this.text;
  }

  override toDOM(): HTMLElement {
    const element = document.createElement('span');
    element.className = 'cm-shadowpen-ghost';
    element.textContent = this.text;
    element.setAttribute('aria-hidden', 'true'); // it is no part of the text; the live region below says it
    return element;
  }

  override ignoreEvent(): boolean {
    return false;
  }
}

export const ghostField = StateField.define<Ghost | null>({
  create: () => null,
  update: (ghost, transaction) => after(ghost, transaction),
  provide: (field) =>
    EditorView.decorations.from(field, (ghost) =>
      ghost ? Decoration.set(Decoration.widget({ widget: new GhostWidget(ghost.text), side: 1 }).range(ghost.at)) : Decoration.none,
    ),
});

/** What is left of a ghost after a transaction: it stays while the user types along it, and goes with anything else. */
function after(ghost: Ghost | null, transaction: Transaction): Ghost | null {
  for (const effect of transaction.effects) {
    if (effect.is(setGhost)) {
      return effect.value;
    }
  }
  if (!ghost) {
    return null;
  }
  if (!transaction.docChanged) {
    return isAt(transaction.state, ghost.at) ? ghost : null;
  }
  const typed = insertedAt(transaction, ghost.at);
  if (typed && ghost.text.length > typed.length && ghost.text.startsWith(typed)) {
    return { at: ghost.at + typed.length, text: ghost.text.slice(typed.length) };
  }
  return null;
}

/** The text that a transaction puts at a place, if that is all it does; else "". */
function insertedAt(transaction: Transaction, at: number): string {
  let text = '';
  let only = true;
  transaction.changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    only &&= from === at && to === at && text === '';
    text += inserted.toString();
  });
  return only ? text : '';
}

/** Whether the one cursor, with nothing selected, is at a place. */
export function isAt(state: EditorState, at: number): boolean {
  const { ranges, main } = state.selection;
  return ranges.length === 1 && main.empty && main.head === at;
}

export const ghostTheme = EditorView.baseTheme({
  '.cm-shadowpen-ghost': { color: 'GrayText', whiteSpace: 'pre-wrap' },
});

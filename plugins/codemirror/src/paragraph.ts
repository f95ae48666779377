/** A paragraph that comes some seconds after it was asked for. Knows not who writes it. */
import type { EditorView } from '@codemirror/view';

/**
 * Put what `write` brings in place of `from` to `to`, as one step to undo. It says "changed" and puts in nothing where
 * the text is another one meanwhile, and "nothing" where nothing came.
 */
export async function replaceIfUnchanged(
  view: EditorView,
  from: number,
  to: number,
  write: () => Promise<string>,
): Promise<'replaced' | 'changed' | 'nothing'> {
  const { doc } = view.state;
  const text = await write();
  if (!text) {
    return 'nothing';
  }
  if (view.state.doc !== doc) {
    return 'changed';
  }
  view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, userEvent: 'input.complete' });
  return 'replaced';
}

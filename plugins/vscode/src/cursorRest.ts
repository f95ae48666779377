/**
 * Notice that the cursor rests after a jump, so that the text before it can be read ahead of the first key. Where
 * typing leaves it there is nothing to tell. Knows nothing of the server.
 */
import { Disposable, TextEditorSelectionChangeKind, window, workspace } from 'vscode';

const REST_MS = 150; // a cursor that stands so long is not on its way

/** Calls `rested` until it is disposed of. */
export function watchCursor(rested: () => unknown): Disposable {
  let timer: NodeJS.Timeout | undefined;
  let edited = false; // and the cursor has not been told of since

  const edits = workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length && document === window.activeTextEditor?.document) {
      clearTimeout(timer);
      edited = true;
    }
  });
  const jumps = window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
    clearTimeout(timer);
    const typed = edited && kind !== TextEditorSelectionChangeKind.Mouse;
    edited = false;
    if (!typed && textEditor === window.activeTextEditor) {
      timer = setTimeout(rested, REST_MS);
    }
  });
  return Disposable.from(edits, jumps, { dispose: () => clearTimeout(timer) });
}

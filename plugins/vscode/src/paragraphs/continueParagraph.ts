/**
 * Continue the paragraph by a server command, shown while it is written, ending in one edit. Knows nothing of how the
 * text is made.
 */
import {
  CancellationTokenSource,
  Disposable,
  l10n,
  type Position,
  ProgressLocation,
  type TextDocument,
  type TextEditor,
  window,
  workspace,
} from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient/node';
import { ask } from './serverCommand';

/** The server's command: [uri, position]. */
export const CONTINUE = 'shadowpen.continue';

const TAIL = 100;
const PROGRESS = {
  location: ProgressLocation.Notification,
  title: l10n.t('Shadowpen continues the paragraph'),
  cancellable: true,
};

/** What the server answers; a refusal to insert a finished text is shown by the server itself. */
interface Outcome {
  applied: boolean;
  text: string | null;
  reason: string;
}

let watch: Disposable | undefined;

/** The server's own edit is about to be made: it is no change that makes the text stale. */
export function applying(): void {
  watch?.dispose();
}

/** Where the text goes on: at the cursor on a blank line, else at the end of the paragraph the cursor is in. */
export function place(editor: TextEditor): Position {
  const { document } = editor;
  let line = document.lineAt(editor.selection.active.line);
  while (!line.isEmptyOrWhitespace && line.lineNumber + 1 < document.lineCount) {
    const next = document.lineAt(line.lineNumber + 1);
    if (next.isEmptyOrWhitespace) {
      break;
    }
    line = next;
  }
  return line.range.end;
}

/** Ask the server to go on at `at`; the text comes as an edit. */
export async function continueParagraph(
  client: BaseLanguageClient,
  document: TextDocument,
  at: Position,
): Promise<void> {
  const stop = new CancellationTokenSource();
  let wrong = '';
  const outcome = await window.withProgress(PROGRESS, async (progress, cancelled) => {
    watch = workspace.onDidChangeTextDocument((event) => {
      if (event.document === document && event.contentChanges.length) {
        wrong = l10n.t('The text changed, so the continuation was discarded.');
        stop.cancel();
      }
    });
    const listeners = Disposable.from(
      watch,
      cancelled.onCancellationRequested(() => stop.cancel()),
    );
    const convert = client.code2ProtocolConverter;
    const given = [convert.asUri(document.uri), convert.asPosition(at)];
    try {
      return await ask<Outcome>(client, CONTINUE, given, stop, (text) => progress.report({ message: tail(text) }));
    } catch (error) {
      wrong = (error as Error).message;
      return null;
    } finally {
      listeners.dispose();
    }
  });
  if (outcome && !outcome.applied && !outcome.text && !stop.token.isCancellationRequested) {
    wrong = outcome.reason;
  }
  if (wrong) {
    void window.showWarningMessage(l10n.t('Shadowpen: {0}', wrong));
  }
}

/** The end of the text so far, as much of it as a notification shows. */
function tail(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= TAIL ? line : `…${line.slice(1 - TAIL)}`;
}

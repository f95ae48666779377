/**
 * A server command that takes seconds: it streams its text, can be cancelled, and answers at the end. Knows nothing of
 * what the text is for.
 */
import { type CancellationTokenSource, Disposable, l10n, type TextDocument, workspace } from 'vscode';
import {
  type BaseLanguageClient,
  ExecuteCommandRequest,
  WorkDoneProgress,
  WorkDoneProgressCancelNotification,
} from 'vscode-languageclient/node';

let asked = 0;

/** The open document that the server names, as a code action does: it may be none that an editor shows. */
export function named(client: BaseLanguageClient, uri: unknown): TextDocument | undefined {
  const wanted = typeof uri === 'string' && client.protocol2CodeConverter.asUri(uri).toString();
  return workspace.textDocuments.find((document) => document.uri.toString() === wanted);
}

/** What the server answers to `command`, null when `stop` was cancelled; an Error is one sentence for the writer. */
export async function ask<Answer>(
  client: BaseLanguageClient,
  command: string,
  given: unknown[],
  stop: CancellationTokenSource,
  onText: (text: string) => unknown,
): Promise<Answer | null> {
  if (stop.token.isCancellationRequested) {
    return null;
  }
  const token = `${command}.${++asked}`;
  // The writer who cancels does not wait for the server to agree.
  const cancelled = new Promise<null>((resolve) => stop.token.onCancellationRequested(() => resolve(null)));
  const listeners = Disposable.from(
    stop.token.onCancellationRequested(() =>
      client.sendNotification(WorkDoneProgressCancelNotification.type, { token }).catch(() => {}), // it may be dying
    ),
    client.onProgress(WorkDoneProgress.type, token, ({ message }) => void (message && onText(message))),
  );
  try {
    const request = { command, arguments: given, workDoneToken: token };
    const answer = client.sendRequest(ExecuteCommandRequest.type, request, stop.token) as Promise<Answer | null>;
    return await Promise.race([answer, cancelled]);
  } catch (error) {
    if (stop.token.isCancellationRequested) {
      return null;
    }
    throw client.isRunning() ? error : new Error(l10n.t('The language server stopped before it answered.'));
  } finally {
    listeners.dispose();
  }
}

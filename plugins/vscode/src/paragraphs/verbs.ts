/**
 * Verbs on the selection, or on the paragraph at the cursor: the server does them and sends one edit, which is refused
 * when the text is not the one it was made for. Knows nothing of how the text is made.
 */
import { CancellationTokenSource, ProgressLocation, type TextEditor, window } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient/node';
import { ask } from './serverCommand';

/** The server's command: [uri, range, verb, options]. */
const VERB = 'shadowpen.verb';

/** What the menus call, and what the server calls it. */
export const VERBS = [
  { name: 'correctText', verb: 'correct', doing: 'corrects the text' },
  { name: 'summarizeText', verb: 'summarize', doing: 'summarizes the text' },
  { name: 'outlineText', verb: 'outline', doing: 'outlines the text' },
  { name: 'reformatText', verb: 'reformat', doing: 'reformats the text' },
] as const;

const FORMS = [
  { label: 'List', to: 'list' },
  { label: 'Prose', to: 'prose' },
  { label: 'Table', to: 'table' },
  { label: 'Plain text', to: 'plain' },
  { label: 'Markdown', to: 'markdown' },
];

/** Have the server carry out a verb in `editor`; what it refuses, it tells itself. */
export async function carryOut(
  client: BaseLanguageClient,
  editor: TextEditor,
  { verb, doing }: (typeof VERBS)[number],
): Promise<void> {
  const options: { to?: string } = {};
  const { document, selection } = editor;
  if (verb === 'reformat') {
    const chosen = await window.showQuickPick(FORMS, { title: 'Shadowpen', placeHolder: 'Reformat as' });
    if (!chosen) {
      return;
    }
    options.to = chosen.to;
  }
  const stop = new CancellationTokenSource();
  const progress = { location: ProgressLocation.Notification, title: `Shadowpen ${doing}`, cancellable: true };
  const convert = client.code2ProtocolConverter;
  const given = [convert.asUri(document.uri), convert.asRange(selection), verb, options];
  try {
    await window.withProgress(progress, async (_, cancelled) => {
      const listener = cancelled.onCancellationRequested(() => stop.cancel());
      await ask(client, VERB, given, stop, () => {}).finally(() => listener.dispose());
    });
  } catch (error) {
    void window.showWarningMessage(`Shadowpen: ${(error as Error).message}`);
  }
}

/**
 * Verbs on the selection or the paragraph: the server sends one edit, refused if the text has changed. Corrections and
 * rewriting are shown first. Knows nothing of how the text is made.
 */
import { CancellationTokenSource, l10n, ProgressLocation, type Range, type TextDocument, type TextEditor, window } from 'vscode';
import type { BaseLanguageClient, Range as ProtocolRange } from 'vscode-languageclient/node';
import type { Corrections } from './corrections';
import { ask } from './serverCommand';

/** The server's command: [uri, range, verb, options]. */
export const VERB = 'shadowpen.verb';

/** What the menus call, and what the server calls it. */
export const VERBS = [
  { name: 'correctText', verb: 'correct', doing: l10n.t('Shadowpen corrects the text') },
  { name: 'rewriteText', verb: 'rewrite', doing: l10n.t('Shadowpen rewrites the text') },
  { name: 'summarizeText', verb: 'summarize', doing: l10n.t('Shadowpen summarizes the text') },
  { name: 'outlineText', verb: 'outline', doing: l10n.t('Shadowpen outlines the text') },
  { name: 'reformatText', verb: 'reformat', doing: l10n.t('Shadowpen reformats the text') },
] as const;

/** The forms to choose from, by verb. */
const FORMS: { [verb: string]: { label: string; to: string }[] } = {
  reformat: [
    { label: l10n.t('List'), to: 'list' },
    { label: l10n.t('Prose'), to: 'prose' },
    { label: l10n.t('Table'), to: 'table' },
    { label: l10n.t('Plain text'), to: 'plain' },
    { label: 'Markdown', to: 'markdown' },
  ],
  rewrite: [
    { label: l10n.t('Shorter'), to: 'shorter' },
    { label: l10n.t('Plainer'), to: 'plainer' },
    { label: l10n.t('More formal'), to: 'formal' },
    { label: l10n.t('Friendlier'), to: 'friendlier' },
  ],
};
/** Whose edits are shown before they are made. */
export const SHOWN = ['correct', 'rewrite'];

/** What the server answers to a preview of corrections; without `changes` it told itself why there is none. */
interface Answer {
  changes?: { range: ProtocolRange; text: string; sentence: number }[];
  reason: string;
}

/** Have the server carry out a verb in `editor`; what it refuses, it tells itself. */
export async function carryOut(
  client: BaseLanguageClient,
  { document, selection }: TextEditor,
  { verb }: { verb: string },
  corrections: Corrections,
): Promise<void> {
  const options: { to?: string } = {};
  const forms = FORMS[verb];
  if (forms) {
    const placeHolder = verb === 'reformat' ? l10n.t('Reformat as') : l10n.t('Make it');
    const chosen = await window.showQuickPick(forms, { title: 'Shadowpen', placeHolder });
    if (!chosen) {
      return;
    }
    options.to = chosen.to;
  }
  await order(client, document, selection, verb, options, corrections);
}

/** As `carryOut`, on a range and with the options of a code action. */
export async function order(
  client: BaseLanguageClient,
  document: TextDocument,
  range: Range,
  verb: string,
  options: object,
  corrections: Corrections,
): Promise<void> {
  const stop = new CancellationTokenSource();
  const doing = VERBS.find((known) => known.verb === verb)?.doing ?? l10n.t('Shadowpen works on the text');
  const progress = { location: ProgressLocation.Notification, title: doing, cancellable: true };
  const convert = client.code2ProtocolConverter;
  const shows = SHOWN.includes(verb);
  const { version } = document;
  const given = [convert.asUri(document.uri), convert.asRange(range), verb, shows ? { ...options, preview: true } : options];
  try {
    const answer = await window.withProgress(progress, async (_, cancelled) => {
      const listener = cancelled.onCancellationRequested(() => stop.cancel());
      return await ask<Answer>(client, VERB, given, stop, () => {}).finally(() => listener.dispose());
    });
    if (!shows || !answer?.changes) {
      return;
    }
    const changes = answer.changes.map((change) => ({ ...change, range: client.protocol2CodeConverter.asRange(change.range) }));
    if (!changes.length) {
      void window.showInformationMessage(l10n.t('Shadowpen: {0}', answer.reason || l10n.t('There is nothing to change here.')));
    } else if (document.version !== version) {
      void window.showWarningMessage(l10n.t('Shadowpen: The text changed, so the changes were discarded.'));
    } else {
      await corrections.offer(document, changes);
    }
  } catch (error) {
    void window.showWarningMessage(l10n.t('Shadowpen: {0}', (error as Error).message));
  }
}

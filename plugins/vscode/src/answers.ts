/**
 * Show the server's longer answers in this window: the report as a page, an explanation as a message. Knows nothing of
 * what is in them.
 */
import { l10n, ViewColumn, type WebviewPanel, window } from 'vscode';

/** The answers that are shown; every other one is silent. */
interface Answer {
  /** The report as a page. */
  html?: string;
  /** Why there was a suggestion, in a few lines. */
  text?: string;
  rated?: boolean;
}

let page: WebviewPanel | undefined;

/** Show what came of an order of this command; `null` is an answer too. */
export function show(command: string, answer: unknown): void {
  const told = (answer ?? {}) as Answer;
  if (told.html) {
    showPage(told.html);
  } else if (command === 'shadowpen.why') {
    const lines = told.text?.split('\n') ?? [l10n.t('Shadowpen: no suggestion has been requested yet.')];
    // With a button, since the editor cuts a message without one off.
    void window.showInformationMessage(lines.join(' · '), l10n.t('Close'));
  } else if (told.rated === false) {
    void window.showInformationMessage(l10n.t('Shadowpen: no suggestion has been accepted yet.'));
  }
}

/** One page, made anew each time: it runs no scripts and loads nothing. */
function showPage(html: string): void {
  if (!page) {
    page = window.createWebviewPanel('shadowpen.report', l10n.t('Shadowpen Report'), ViewColumn.Active, {
      enableScripts: false,
      localResourceRoots: [],
    });
    page.onDidDispose(() => {
      page = undefined;
    });
  }
  page.webview.html = html;
  page.reveal();
}

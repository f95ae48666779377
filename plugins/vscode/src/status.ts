/**
 * The server's last word about itself, and how the user sees it: an entry in the status bar, its tooltip, and a
 * menu of what can be done about it. Knows neither processes nor ghost text.
 */
import {
  commands,
  type Disposable,
  languages,
  MarkdownString,
  StatusBarAlignment,
  type TextDocument,
  ThemeColor,
  window,
} from 'vscode';
import { ORDERS, type Order } from './attention';
import { selector } from './settings';
import type { State, Told } from './told';

const ICONS: Record<State, string> = {
  off: 'circle-slash',
  starting: 'loading~spin',
  ready: 'edit',
  busy: 'sync~spin',
  inactive: 'circle-slash',
  paused: 'debug-pause',
  error: 'warning',
};

export class Status implements Disposable {
  private readonly item = window.createStatusBarItem('shadowpen.status', StatusBarAlignment.Right, 100);
  private readonly reasons = new Map<string, string>();
  private readonly listener = window.onDidChangeActiveTextEditor(() => this.draw());
  private told: Told = { state: 'off' };

  constructor() {
    this.item.name = 'Shadowpen';
    this.item.command = 'shadowpen.menu';
    this.draw();
  }

  get state(): State {
    return this.told.state;
  }

  set(told: Told): void {
    if (told.documentState) {
      this.reasons.set(
        told.documentState.uri,
        told.documentState.state === 'inactive' ? (told.documentState.reason ?? '') : '',
      );
    }
    // The model, a training and the mode are news that stay until they change; the rest is of the moment.
    const { training = this.told.training, manual = this.told.manual, model, modelName, ...rest } = told;
    const name = model ? (modelName ?? model) : this.told.modelName;
    this.told = { ...rest, ...(name && { modelName: name }), ...(training && { training }), ...(manual && { manual }) };
    this.draw();
  }

  /** Why there is no ghost text in `document`; "" where there is. */
  private reason(document: TextDocument): string {
    return this.reasons.get(document.uri.toString()) ?? '';
  }

  draw(): void {
    const document = window.activeTextEditor?.document;
    const here = document !== undefined && languages.match(selector(), document) > 0;
    void commands.executeCommand('setContext', 'shadowpen.here', here && !['off', 'error'].includes(this.state));
    if (!document || !here) {
      this.item.hide();
      return;
    }
    const state = this.reason(document) && this.state !== 'error' ? 'inactive' : this.state;
    const { training, manual } = this.told;
    const icon = state === 'ready' && manual ? 'keyboard' : ICONS[state];
    this.item.text = `$(${icon}) Shadowpen${training ? ` $(mortar-board)${percent(training.fraction)}` : ''}`;
    this.item.tooltip = new MarkdownString(this.sentences(document).join('\n\n'));
    this.item.accessibilityInformation = { label: `Shadowpen: ${state}` };
    this.item.backgroundColor = state === 'error' ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.show();
  }

  private sentences(document: TextDocument | undefined): string[] {
    const { state, modelName, message, hint, training, pausedUntil } = this.told;
    const reason = document && this.reason(document);
    return [
      `Shadowpen: ${state}${modelName ? ` (${modelName})` : ''}`,
      [message, hint].filter(Boolean).join(' '),
      state === 'paused' && pausedUntil ? `Resumes at ${clock(pausedUntil)}.` : '',
      reason ? `This document: inactive. ${reason}` : '',
      training ? `Learning${percent(training.fraction)}. ${training.message ?? ''}` : '',
    ].filter(Boolean);
  }

  /** What Shadowpen is doing here, and what can be done about it. */
  async menu(order: (order: Order) => unknown, showLog: () => unknown): Promise<void> {
    const run =
      (name: string, ...given: unknown[]) =>
      () =>
        commands.executeCommand(name, ...given);
    const orders = ORDERS.filter(({ offered }) => offered(this.told));
    const chosen = await window.showQuickPick(
      [
        ...orders.map((each) => ({ label: each.label, run: () => order(each) })),
        { label: '$(edit) Continue paragraph', run: run('shadowpen.continueParagraph') },
        { label: '$(list-flat) Expand selection', run: run('shadowpen.expandSelection') },
        { label: '$(mortar-board) Turn learning on or off', run: run('shadowpen.answerLearning') },
        { label: '$(folder) Learn from a folder of your texts', run: run('shadowpen.learnFromFolder') },
        { label: '$(refresh) Restart', run: run('shadowpen.restart') },
        { label: '$(output) Show log', run: showLog },
        { label: '$(gear) Settings', run: run('workbench.action.openSettings', '@ext:shadowpen.shadowpen') },
      ],
      { title: 'Shadowpen', placeHolder: this.sentences(window.activeTextEditor?.document).join(' · ') },
    );
    await chosen?.run();
  }

  dispose(): void {
    this.listener.dispose();
    this.item.dispose();
  }
}

function percent(fraction: number | undefined): string {
  return fraction === undefined ? '' : ` ${Math.round(100 * fraction)} %`;
}

/** The time of day; with its day where that is not today. */
function clock(seconds: number): string {
  const at = new Date(1000 * seconds);
  const time = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const today = at.toDateString() === new Date().toDateString();
  return today ? time : `${time} on ${at.toLocaleDateString([], { weekday: 'long' })}`;
}

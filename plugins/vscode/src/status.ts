/**
 * The server's last word about itself, and how the user sees it: an entry in the status bar, its tooltip, and a
 * menu of what can be done about it. Knows neither processes nor ghost text.
 */
import {
  commands,
  type Disposable,
  languages,
  MarkdownString,
  type QuickPickItem,
  QuickPickItemKind,
  StatusBarAlignment,
  type TextDocument,
  ThemeColor,
  window,
} from 'vscode';
import { type Group, GROUPS, ORDERS, type Order } from './attention';
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

interface Entry {
  group: Group;
  label: string;
  run: () => unknown;
}

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
    if (!(here || this.told.toInstall)) {
      this.item.hide();
      return;
    }
    const state = document && this.reason(document) && this.state !== 'error' ? 'inactive' : this.state;
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

  /** What Shadowpen is doing here, and what can be done about it, in groups. */
  async menu(order: (order: Order) => unknown, showLog: () => unknown): Promise<void> {
    const run =
      (name: string, ...given: unknown[]) =>
      () =>
        commands.executeCommand(name, ...given);
    const offered = ORDERS.filter(({ offered }) => offered(this.told));
    const entries: Entry[] = [
      ...offered.map((each) => ({ group: each.group, label: each.label, run: () => order(each) })),
      { group: 'Writing', label: '$(edit) Continue paragraph', run: run('shadowpen.continueParagraph') },
      { group: 'Writing', label: '$(list-flat) Expand selection', run: run('shadowpen.expandSelection') },
      { group: 'Writing', label: '$(check-all) Correct spelling and grammar', run: run('shadowpen.correctText') },
      { group: 'Learning', label: '$(mortar-board) Turn learning on or off', run: run('shadowpen.answerLearning') },
      { group: 'Learning', label: '$(folder) Learn from a folder of your texts', run: run('shadowpen.learnFromFolder') },
      { group: 'Shadowpen', label: '$(book) Show the first steps', run: run('shadowpen.showFirstSteps') },
      { group: 'Shadowpen', label: '$(refresh) Restart', run: run('shadowpen.restart') },
      { group: 'Shadowpen', label: '$(output) Show log', run: showLog },
      { group: 'Shadowpen', label: '$(gear) Settings', run: run('workbench.action.openSettings', '@ext:shadowpen.shadowpen') },
    ];
    const install = { group: 'Shadowpen', label: '$(cloud-download) Install Shadowpen', run: run('shadowpen.install') } as const;
    const all = this.told.toInstall ? [install, ...entries.filter(({ group }) => group === 'Shadowpen')] : entries;
    const chosen = await window.showQuickPick(grouped(all), {
      title: 'Shadowpen',
      placeHolder: this.sentences(window.activeTextEditor?.document).join(' · '),
    });
    await chosen?.run?.();
  }

  dispose(): void {
    this.listener.dispose();
    this.item.dispose();
  }
}

/** The entries by group, each group under its name. */
function grouped(entries: readonly Entry[]): (QuickPickItem & { run?: () => unknown })[] {
  return GROUPS.flatMap((label) => {
    const own = entries.filter(({ group }) => group === label);
    return own.length ? [{ label, kind: QuickPickItemKind.Separator }, ...own] : [];
  });
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

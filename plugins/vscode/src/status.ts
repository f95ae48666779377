/** The server's last status in the status bar, with its tooltip and menu. Knows neither processes nor ghost text. */
import {
  commands,
  type Disposable,
  env,
  l10n,
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

const NAMES: Record<State, string> = {
  off: l10n.t('off'),
  starting: l10n.t('starting'),
  ready: l10n.t('ready'),
  busy: l10n.t('busy'),
  inactive: l10n.t('inactive'),
  paused: l10n.t('paused'),
  error: l10n.t('error'),
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
    this.item.accessibilityInformation = { label: l10n.t('Shadowpen: {0}', NAMES[state]) };
    this.item.backgroundColor = state === 'error' ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.show();
  }

  private sentences(document: TextDocument | undefined): string[] {
    const { state, modelName, message, hint, training, pausedUntil } = this.told;
    const reason = document && this.reason(document);
    return [
      modelName ? l10n.t('Shadowpen: {0} ({1})', NAMES[state], modelName) : l10n.t('Shadowpen: {0}', NAMES[state]),
      [message, hint].filter(Boolean).join(' '),
      state === 'paused' && pausedUntil ? l10n.t('Resumes at {0}.', clock(pausedUntil)) : '',
      reason ? l10n.t('This document: inactive. {0}', reason) : '',
      training ? l10n.t('Learning{0}. {1}', percent(training.fraction), training.message ?? '') : '',
    ].filter(Boolean);
  }

  /** What Shadowpen is doing here, and what can be done about it, in groups; `toUpdate`: a newer version is there. */
  async menu(order: (order: Order) => unknown, showLog: () => unknown, toUpdate: boolean): Promise<void> {
    const run =
      (name: string, ...given: unknown[]) =>
      () =>
        commands.executeCommand(name, ...given);
    const offered = ORDERS.filter(({ offered }) => offered(this.told));
    const entries: Entry[] = [
      ...offered.map((each) => ({ group: each.group, label: each.label, run: () => order(each) })),
      entry('writing', 'edit', l10n.t('Continue paragraph'), run('shadowpen.continueParagraph')),
      entry('writing', 'list-flat', l10n.t('Expand selection'), run('shadowpen.expandSelection')),
      entry('writing', 'check-all', l10n.t('Correct spelling and grammar'), run('shadowpen.correctText')),
      entry('learning', 'mortar-board', l10n.t('Turn learning on or off'), run('shadowpen.answerLearning')),
      entry('learning', 'folder', l10n.t('Learn from a folder of your texts'), run('shadowpen.learnFromFolder')),
      entry('shadowpen', 'book', l10n.t('Show the first steps'), run('shadowpen.showFirstSteps')),
      entry('shadowpen', 'refresh', l10n.t('Restart'), run('shadowpen.restart')),
      entry('shadowpen', 'output', l10n.t('Show log'), showLog),
      entry('shadowpen', 'gear', l10n.t('Settings'), run('workbench.action.openSettings', '@ext:shadowpen.shadowpen')),
    ];
    const { toInstall } = this.told;
    const label = toInstall ? l10n.t('Install Shadowpen') : l10n.t('Update Shadowpen');
    const install = entry('shadowpen', 'cloud-download', label, run('shadowpen.install'));
    const there = toInstall ? entries.filter(({ group }) => group === 'shadowpen') : entries;
    const chosen = await window.showQuickPick(grouped(toInstall || toUpdate ? [install, ...there] : there), {
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

function entry(group: Group, icon: string, label: string, run: () => unknown): Entry {
  return { group, label: `$(${icon}) ${label}`, run };
}

/** The entries by group, each group under its name. */
function grouped(entries: readonly Entry[]): (QuickPickItem & { run?: () => unknown })[] {
  return Object.entries(GROUPS).flatMap(([name, label]) => {
    const own = entries.filter(({ group }) => group === name);
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
  return today ? time : l10n.t('{0} on {1}', time, at.toLocaleDateString(env.language, { weekday: 'long' }));
}

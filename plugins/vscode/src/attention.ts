/**
 * The commands that pause, switch manual mode and rate, for the palette and the status bar menu. The server does all of
 * it, for every editor at once.
 */
import { l10n } from 'vscode';
import type { Told } from './told';

/** The parts of the menu, from top to bottom. */
export const GROUPS = {
  ghost: l10n.t('Ghost text'),
  writing: l10n.t('Writing'),
  learning: l10n.t('Learning'),
  shadowpen: 'Shadowpen',
};
export type Group = keyof typeof GROUPS;

export interface Order {
  /** The command's name in VS Code, below `shadowpen.`; in package.json its title. */
  name: string;
  /** In the menu, behind an icon. */
  label: string;
  group: Group;
  /** The server's command and its arguments. */
  command: string;
  given: unknown[];
  /** Whether the menu has it now. */
  offered: (told: Told) => boolean;
}

const paused = ({ state }: Told) => state === 'paused';
const running = ({ state }: Told) => state !== 'paused' && state !== 'off';

const pauses: Order[] = [15, 30, 60].map((minutes) => ({
  name: `pauseFor${minutes}Minutes`,
  label: `$(watch) ${l10n.t('Pause for {0} minutes', minutes)}`,
  group: 'ghost',
  command: 'shadowpen.pause',
  given: [minutes],
  offered: running,
}));

export const ORDERS: readonly Order[] = [
  { name: 'goOn', label: `$(play) ${l10n.t('Resume')}`, group: 'ghost', command: 'shadowpen.resume', given: [], offered: paused },
  {
    name: 'pauseUntilResumed',
    label: `$(debug-pause) ${l10n.t('Pause')}`,
    group: 'ghost',
    command: 'shadowpen.pause',
    given: ['on'],
    offered: running,
  },
  ...pauses,
  {
    name: 'pauseUntilTomorrow',
    label: `$(watch) ${l10n.t('Pause until tomorrow')}`,
    group: 'ghost',
    command: 'shadowpen.pause',
    given: ['tomorrow'],
    offered: running,
  },
  {
    name: 'onKeyOnly',
    label: `$(keyboard) ${l10n.t('Turn manual mode on')}`,
    group: 'ghost',
    command: 'shadowpen.manual',
    given: ['on'],
    offered: (told) => !told.manual && told.state !== 'off',
  },
  {
    name: 'byItself',
    label: `$(edit) ${l10n.t('Turn manual mode off')}`,
    group: 'ghost',
    command: 'shadowpen.manual',
    given: ['off'],
    offered: (told) => told.manual === true && told.state !== 'off',
  },
  {
    name: 'rateGood',
    label: `$(thumbsup) ${l10n.t('Rate last suggestion: good')}`,
    group: 'ghost',
    command: 'shadowpen.rate',
    given: ['good'],
    offered: running,
  },
  {
    name: 'rateBad',
    label: `$(thumbsdown) ${l10n.t('Rate last suggestion: bad')}`,
    group: 'ghost',
    command: 'shadowpen.rate',
    given: ['bad'],
    offered: running,
  },
  {
    name: 'whySuggestion',
    label: `$(question) ${l10n.t('Why this suggestion?')}`,
    group: 'ghost',
    command: 'shadowpen.why',
    given: [],
    offered: running,
  },
  {
    name: 'showReport',
    label: `$(graph) ${l10n.t('Show report')}`,
    group: 'learning',
    command: 'shadowpen.report',
    given: ['here'],
    offered: ({ state }) => state !== 'off',
  },
];

/**
 * The commands by which users say how much of their attention Shadowpen gets, and what they think of it: one table of
 * commands, for the palette and for the menu of the status bar. The server does all of it, for every editor at once.
 */
import type { Told } from './told';

/** The parts of the menu, from top to bottom. */
export const GROUPS = ['Ghost text', 'Writing', 'Learning', 'Shadowpen'] as const;
export type Group = (typeof GROUPS)[number];

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
  label: `$(watch) Pause for ${minutes} minutes`,
  group: 'Ghost text',
  command: 'shadowpen.pause',
  given: [minutes],
  offered: running,
}));

export const ORDERS: readonly Order[] = [
  { name: 'goOn', label: '$(play) Resume', group: 'Ghost text', command: 'shadowpen.resume', given: [], offered: paused },
  {
    name: 'pauseUntilResumed',
    label: '$(debug-pause) Pause',
    group: 'Ghost text',
    command: 'shadowpen.pause',
    given: ['on'],
    offered: running,
  },
  ...pauses,
  {
    name: 'pauseUntilTomorrow',
    label: '$(watch) Pause until tomorrow',
    group: 'Ghost text',
    command: 'shadowpen.pause',
    given: ['tomorrow'],
    offered: running,
  },
  {
    name: 'onKeyOnly',
    label: '$(keyboard) Turn manual mode on',
    group: 'Ghost text',
    command: 'shadowpen.manual',
    given: ['on'],
    offered: (told) => !told.manual && told.state !== 'off',
  },
  {
    name: 'byItself',
    label: '$(edit) Turn manual mode off',
    group: 'Ghost text',
    command: 'shadowpen.manual',
    given: ['off'],
    offered: (told) => told.manual === true && told.state !== 'off',
  },
  {
    name: 'rateGood',
    label: '$(thumbsup) Rate last suggestion: good',
    group: 'Ghost text',
    command: 'shadowpen.rate',
    given: ['good'],
    offered: running,
  },
  {
    name: 'rateBad',
    label: '$(thumbsdown) Rate last suggestion: bad',
    group: 'Ghost text',
    command: 'shadowpen.rate',
    given: ['bad'],
    offered: running,
  },
  {
    name: 'whySuggestion',
    label: '$(question) Why this suggestion?',
    group: 'Ghost text',
    command: 'shadowpen.why',
    given: [],
    offered: running,
  },
  {
    name: 'showReport',
    label: '$(graph) Show report',
    group: 'Learning',
    command: 'shadowpen.report',
    given: ['here'],
    offered: ({ state }) => state !== 'off',
  },
];

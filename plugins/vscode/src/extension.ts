/** Activation of the extension: what starts with the window, and what commands and keys call. */
import { commands, type ExtensionContext, l10n, window, workspace } from 'vscode';
import type { Position as ProtocolPosition, Range as ProtocolRange } from 'vscode-languageclient/node';
import { acceptSentence, acceptWord, type Report } from './acceptWord';
import { show } from './answers';
import { ORDERS, type Order } from './attention';
import { Server } from './client';
import { IN_BOX } from './commitBox';
import { type Hand, inEditor } from './ghosts';
import { CONTINUE, continueParagraph, place } from './paragraphs/continueParagraph';
import { watchCursor } from './cursorRest';
import { EXPAND, Expansions } from './paragraphs/expandSelection';
import { Corrections } from './paragraphs/corrections';
import { named } from './paragraphs/serverCommand';
import { carryOut, order, VERBS } from './paragraphs/verbs';
import { Status } from './status';

const OPEN_WALKTHROUGH = 'workbench.action.openWalkthrough';
const FIRST_STEPS = 'shadowpen.shadowpen#firstSteps';

let server: Server | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const status = new Status();
  const mine = (server = new Server(context, status, { [CONTINUE]: goOn, [EXPAND]: expand, order: orderVerb }));
  const expansions = new Expansions(() => mine.running);
  const corrections = new Corrections();

  /** By a key where the cursor is, or chosen as a code action, which says where. */
  function goOn([uri, at]: unknown[] = []): unknown {
    const [editor, client] = [window.activeTextEditor, mine.running];
    const document = client && named(client, uri);
    if (document) {
      return continueParagraph(client, document, client.protocol2CodeConverter.asPosition(at as ProtocolPosition));
    }
    return editor && client
      ? continueParagraph(client, editor.document, place(editor))
      : window.showWarningMessage(l10n.t('Shadowpen: cannot continue here; the language server is not running.'));
  }

  /** The selection, or the notes that a code action names. */
  function expand([uri, range]: unknown[] = []): unknown {
    const [editor, client] = [window.activeTextEditor, mine.running];
    const document = client && named(client, uri);
    if (document) {
      return expansions.start({ document, selection: client.protocol2CodeConverter.asRange(range as ProtocolRange) });
    }
    return editor && expansions.start(editor);
  }

  function runVerb(verb: (typeof VERBS)[number]): unknown {
    const [editor, client] = [window.activeTextEditor, mine.running];
    return editor && client
      ? carryOut(client, editor, verb, corrections)
      : window.showWarningMessage(l10n.t('Shadowpen: the language server is not running.'));
  }

  /** Chosen as a code action. */
  function orderVerb([uri, range, verb, options]: unknown[]): unknown {
    const client = mine.running;
    const document = client && named(client, uri);
    const place = client?.protocol2CodeConverter.asRange(range as ProtocolRange);
    return document && client && place && order(client, document, place, verb as string, options as object, corrections);
  }

  function toggle(): unknown {
    return mine.running ? mine.order('shadowpen.pause') : mine.restart();
  }

  /** The server does it, and tells the status that comes of it. */
  async function obey({ command, given }: Pick<Order, 'command' | 'given'>): Promise<void> {
    const done = await mine.order(command, ...given);
    if (!done) {
      void window.showWarningMessage(l10n.t('Shadowpen: the language server is not running or is too old.'));
    } else {
      show(command, done.answer);
    }
  }

  /** The server reads the folder, and says what of it. */
  async function learnFromFolder(): Promise<void> {
    const title = l10n.t('A folder of your own texts, for Shadowpen to learn from');
    const openLabel = l10n.t('Learn');
    const [folder] =
      (await window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, title, openLabel })) ?? [];
    if (folder && !(await mine.order('shadowpen.addFolder', folder.fsPath))) {
      void window.showWarningMessage(l10n.t('Shadowpen: the language server is not running or is too old.'));
    }
  }

  /** The answer that the server asks for when something is first taken; it can be changed at any time. */
  async function answerLearning(): Promise<void> {
    const answers = [
      {
        label: l10n.t('Yes, keep both'),
        detail: l10n.t('What I accept, and what I write where a suggestion was shown'),
        given: ['on', 'both'],
      },
      { label: l10n.t('Keep only what I accept'), given: ['on', 'accepted'] },
      { label: l10n.t('Keep only what I write where a suggestion was shown'), given: ['on', 'written'] },
      { label: l10n.t('No, keep nothing'), given: ['off'] },
    ];
    const placeHolder = l10n.t('What may Shadowpen keep, on this machine only, and learn from?');
    const chosen = await window.showQuickPick(answers, { title: 'Shadowpen', placeHolder });
    if (chosen) {
      await mine.order('shadowpen.learn', ...chosen.given);
    }
  }

  /** A mark from 1 to 5 for what was taken last. */
  async function rate(): Promise<void> {
    const marks = ['5', '4', '3', '2', '1'];
    const placeHolder = l10n.t('Rate what you accepted last, from 5 (good) to 1 (bad)');
    const mark = await window.showQuickPick(marks, { title: 'Shadowpen', placeHolder });
    if (mark) {
      await obey({ command: 'shadowpen.rate', given: [mark] });
    }
  }

  /** What the keys are about: those of the commit box say so, for VS Code counts it among no editors. */
  function hand(where?: string): Hand | undefined {
    const editor = window.activeTextEditor;
    return where === IN_BOX ? mine.commitBox : editor && inEditor(editor);
  }

  const tell: Report = (item, length) => mine.tellTaken(item, length);
  const register = (name: string, run: (where?: string) => unknown) =>
    commands.registerCommand(`shadowpen.${name}`, run);
  context.subscriptions.push(
    status,
    expansions,
    corrections,
    register('acceptWord', (where) => acceptWord(hand(where), mine.ghosts, tell)),
    register('acceptSentence', (where) => acceptSentence(hand(where), mine.ghosts, tell)),
    register('trigger', () => mine.onKey.press()),
    register('dismissGhostText', (where) => mine.dismiss(hand(where))),
    register('continueParagraph', () => goOn()),
    register('expandSelection', () => expand()),
    register('takeExpansion', () => expansions.take()),
    register('nextExpansion', () => expansions.next()),
    register('changeExpansion', () => expansions.change()),
    register('discardExpansion', () => expansions.discard()),
    register('copyExpansion', () => expansions.copy()),
    ...VERBS.map((verb) => register(verb.name, () => runVerb(verb))),
    register('toggle', toggle),
    ...ORDERS.map((order) => register(order.name, () => obey(order))),
    register('rateFrom1To5', rate),
    register('answerLearning', answerLearning),
    register('learnFromFolder', learnFromFolder),
    register('install', () => install(mine)),
    register('showFirstSteps', () => commands.executeCommand(OPEN_WALKTHROUGH, FIRST_STEPS, false)),
    register('restart', () => mine.restart()),
    register('menu', () => status.menu(obey, () => mine.log.show(), mine.outdated !== undefined)),
    watchCursor(() => mine.tellFocus()),
    window.onDidChangeActiveTextEditor(() => mine.tellFocus()),
    window.onDidChangeWindowState(({ focused }) => focused && mine.tellFocus()),
    workspace.onDidOpenTextDocument(() => mine.refresh()),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('shadowpen.command') || change.affectsConfiguration('shadowpen.languages')) {
        void mine.restart();
      } else if (change.affectsConfiguration('shadowpen')) {
        mine.tellSettings();
        void mine.refresh();
      }
    }),
  );
  await mine.begin();
}

/** Chosen by name, also where nothing is to be installed. */
function install({ installer, outdated, running }: Server): unknown {
  if (installer.possible && (!running || outdated)) {
    return installer.install();
  }
  return window.showInformationMessage(
    running
      ? l10n.t('Shadowpen is installed, and its language server is running.')
      : l10n.t('This extension package does not contain Shadowpen. Install it as its README says.'),
  );
}

export function deactivate(): Promise<void> | undefined {
  return server?.dispose();
}

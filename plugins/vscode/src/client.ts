/**
 * The language server's process: started when a document needs it, and restarted when it dies. There is one for each
 * window. Knows nothing of what ghost text says.
 */
import { existsSync } from 'node:fs';
import {
  CancellationTokenSource,
  commands,
  type Disposable,
  type ExtensionContext,
  type InlineCompletionItem,
  l10n,
  languages,
  type TextDocument,
  window,
  workspace,
} from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn } from 'vscode-languageclient/node';
import { applying, CONTINUE } from './paragraphs/continueParagraph';
import { EXPAND } from './paragraphs/expandSelection';
import { SHOWN, VERB } from './paragraphs/verbs';
import { Installer } from './installation/installer';
import type { Outdated } from './installation/outdated';
import { isOwn, shadowpen } from './installation/places';
import { type Written, written } from './installation/written';
import { CommitBox } from './commitBox';
import { Ghosts, type Hand } from './ghosts';
import { OnKey } from './onKey';
import * as settings from './settings';
import type { Status } from './status';
import type { Growing, Told } from './told';

const DISMISS = 'shadowpen.dismiss'; // [id], or [] for whatever is shown
const RESTARTS = 3; // by itself, within CRASHES_MS
const CRASHES_MS = 180_000;
const RESTART_PAUSE_MS = 500;
const TRY_AGAIN = l10n.t('Try Again');
const SEE_LOG = l10n.t('See the log, or run `shadowpen doctor`.');
const INSTALL = l10n.t(
  "Install Shadowpen as its README says and run 'shadowpen install vscode', or set shadowpen.command.",
);

const BROKEN = l10n.t(
  'The file that tells Shadowpen what to start is damaged, so the Shadowpen that is found on this machine is started. ' +
    "Run 'shadowpen install vscode' to write it again.",
);

/** The library would show up to three messages of its own for one failure; ours says what to do. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export class Server implements Disposable {
  readonly ghosts = new Ghosts();
  readonly commitBox = new CommitBox();
  readonly onKey = new OnKey();
  readonly log = window.createOutputChannel('Shadowpen', { log: true });
  readonly installer: Installer;
  private client: QuietClient | undefined;
  private failed = false;
  private crashes: number[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** `own`: what is done by ourselves when a code action names the server's command. */
  constructor(
    private readonly context: ExtensionContext,
    private readonly status: Status,
    private readonly own: { [name in typeof CONTINUE | typeof EXPAND | 'order']: (given: unknown[]) => unknown },
  ) {
    this.installer = new Installer(context.asAbsolutePath('server'), this.log, context.globalState, () => this.restart());
  }

  /** The client, while the server answers. */
  get running(): LanguageClient | undefined {
    return this.client?.isRunning() ? this.client : undefined;
  }

  /** Start or stop the server, as the settings and the open documents want it now. */
  async refresh(): Promise<void> {
    const selector = settings.selector();
    const wanted = settings.restrictions().enabled;
    if (!wanted) {
      await this.stop();
    } else if (
      !this.client &&
      !this.failed &&
      workspace.textDocuments.some((document) => languages.match(selector, document) > 0)
    ) {
      await this.start();
    }
  }

  /** At the first start no document need be open for the question. */
  async begin(): Promise<void> {
    const { enabled } = settings.restrictions();
    const { command, broken } = this.written;
    if (enabled && broken && !settings.command().length) {
      void window.showWarningMessage(BROKEN);
    }
    if (enabled && this.mayInstall() && !command.length && !shadowpen()) {
      this.offerInstallation();
      return;
    }
    const old = enabled && this.outdated;
    if (old) {
      void this.installer.offerUpdate(old);
    }
    await this.refresh();
  }

  /** The server in use, where the extension installed it and brings a newer one. */
  get outdated(): Outdated | undefined {
    const [program = ''] = this.commandLine();
    return this.mayInstall() && isOwn(program) ? this.installer.outdated : undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.refresh();
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    const client = this.client;
    this.client = undefined;
    this.failed = false;
    this.crashes = [];
    this.status.set({ state: 'off' });
    await client?.stop().catch(() => {}); // it may be dead or not yet born
  }

  /** What a workspace restricts may have changed. */
  tellSettings(): void {
    void this.running?.sendNotification('workspace/didChangeConfiguration', {
      settings: { shadowpen: settings.restrictions() },
    });
  }

  /** A beginning of ghost text was taken, and VS Code tells nobody; `acceptedLength` in UTF-16 units. */
  tellTaken({ insertText, range, command }: InlineCompletionItem, acceptedLength: number): void {
    const client = this.running;
    const item = { insertText, command, range: range && client?.code2ProtocolConverter.asRange(range) };
    void client?.sendNotification('textDocument/didPartiallyAcceptCompletion', { item, acceptedLength });
  }

  /** Which document the writer looks at, and where in it the cursor is. */
  tellFocus(): void {
    const convert = this.running?.code2ProtocolConverter;
    const editor = window.activeTextEditor;
    const ours = convert && editor && languages.match(settings.selector(), editor.document) > 0;
    const place = ours && {
      textDocument: convert.asTextDocumentIdentifier(editor.document),
      position: convert.asPosition(editor.selection.active),
    };
    void this.running?.sendNotification('textDocument/didFocus', place || {});
  }

  /** Ghost text is waved away, and the server told of which, where it is plain: it does not come again there. */
  async dismiss(hand: Hand | undefined): Promise<void> {
    const drawn = hand?.spot ? this.ghosts.at(hand.spot) : [];
    this.ghosts.forget();
    this.onKey.drop();
    await commands.executeCommand('editor.action.inlineSuggest.hide');
    if (drawn.length) {
      const id: unknown = drawn[0]?.item.command?.arguments?.[0];
      await this.order(DISMISS, ...(drawn.length === 1 && id !== undefined ? [id] : []));
    }
  }

  /** Have the server do `command`; undefined where none runs that knows it. */
  async order(command: string, ...given: unknown[]): Promise<{ answer: unknown } | undefined> {
    const known = this.running && (await commands.getCommands(true)).includes(command);
    return known ? { answer: await commands.executeCommand(command, ...given) } : undefined;
  }

  private async start(): Promise<void> {
    const [program = 'shadowpen', ...args] = this.commandLine();
    const client = this.create(program, args);
    this.client = client;
    this.status.set({ state: 'starting', message: l10n.t('The language server is starting.') });
    client.onNotification('shadowpen/status', (told: Told) => {
      if (this.client === client) {
        this.status.set(told);
      }
    });
    client.onNotification('shadowpen/setup', async ({ command }: { command: string[] }) => {
      await this.installer.follow(l10n.t('Downloading the model for Shadowpen'), command);
    });
    client.onNotification('shadowpen/growing', async ({ textDocument, position, items }: Growing) => {
      const convert = client.protocol2CodeConverter;
      const found = await convert.asInlineCompletionResult(items);
      this.onKey.grow(textDocument.uri, convert.asPosition(position), found);
    });
    try {
      await client.start();
      this.tellFocus();
    } catch (error) {
      const missing = /ENOENT|EACCES/.test(String(error));
      if (this.client === client && missing && this.mayInstall()) {
        this.client = undefined;
        this.offerInstallation();
      } else if (this.client === client) {
        await (missing
          ? this.fail(l10n.t("'{0}' cannot be run.", program), INSTALL)
          : this.fail(l10n.t('The language server stopped before it was ready.'), SEE_LOG));
      }
    }
  }

  /** Whether it is ours to install: the extension carries the server, and the writer has not chosen another. */
  private mayInstall(): boolean {
    return this.installer.possible && !settings.command().length;
  }

  private offerInstallation(): void {
    this.failed = true;
    const [message, hint] = [l10n.t('Not installed on this machine yet.'), l10n.t('Click to install it.')];
    this.status.set({ state: 'error', message, hint, toInstall: true });
    void this.installer.offer();
  }

  private create(program: string, args: string[]): QuietClient {
    const client: QuietClient = new QuietClient(
      'shadowpen',
      'Shadowpen',
      // Not in the workspace, where Windows would look for the program first.
      { command: program, args, options: { cwd: this.context.extensionPath } },
      {
        documentSelector: settings.selector(),
        initializationOptions: settings.restrictions(),
        outputChannel: this.log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationFailedHandler: () => false,
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => {
            this.lost(client);
            return { action: CloseAction.DoNotRestart, handled: true };
          },
        },
        middleware: {
          provideInlineCompletionItems: async (document: TextDocument, position, context, token, next) => {
            this.commitBox.asked(document, position);
            const found = await this.onKey.provide(document, position, context, token, next);
            this.ghosts.remember(document, position, found);
            return found;
          },
          executeCommand: (command, given, next) => {
            if (command === CONTINUE || command === EXPAND) {
              return this.own[command](given);
            }
            return command === VERB && SHOWN.includes(given[2]) ? this.own.order(given) : next(command, given);
          },
          workspace: {
            configuration: ({ items }) =>
              items.map(({ section }) => (section === 'shadowpen' ? settings.restrictions() : null)),
            handleApplyEdit: (edit, next) => {
              applying();
              return next(edit, new CancellationTokenSource().token);
            },
          },
        },
      },
    );
    return client;
  }

  /** The server died. While it starts, start() notices by itself. */
  private lost(client: QuietClient): void {
    if (this.client !== client || !client.isRunning()) {
      return;
    }
    this.client = undefined;
    const now = Date.now();
    this.crashes = [...this.crashes.filter((at) => now - at < CRASHES_MS), now];
    if (this.crashes.length > RESTARTS) {
      void this.fail(l10n.t('The language server stopped {0} times in three minutes.', this.crashes.length), SEE_LOG);
    } else {
      this.status.set({ state: 'starting', message: l10n.t('The language server stopped and is restarting.') });
      this.timer = setTimeout(() => this.refresh(), RESTART_PAUSE_MS);
    }
  }

  /** No server until the writer asks for one; said once, with what to do. */
  private async fail(message: string, hint: string): Promise<void> {
    this.client = undefined;
    this.failed = true;
    this.status.set({ state: 'error', message, hint });
    const told = l10n.t('Shadowpen: {0} {1}', message, hint);
    const chosen = await window.showErrorMessage(told, TRY_AGAIN, l10n.t('Show Log'));
    if (chosen === TRY_AGAIN) {
      await this.restart();
    } else if (chosen) {
      this.log.show();
    }
  }

  private get written(): Written {
    return written(this.context.asAbsolutePath('command.json'));
  }

  /** The writer's own, else the installation that put the extension here, else what is found. */
  private commandLine(): string[] {
    const chosen = settings.command();
    if (chosen.length) {
      return chosen;
    }
    const { command } = this.written;
    const there = command[0] !== undefined && (existsSync(command[0]) || !this.installer.possible);
    return there ? command : [shadowpen() ?? 'shadowpen', 'lsp'];
  }

  async dispose(): Promise<void> {
    await this.stop();
    this.commitBox.dispose();
    this.log.dispose();
  }
}

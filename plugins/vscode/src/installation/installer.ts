/**
 * Install Shadowpen without a terminal: one question, then a Python environment, the server and the model. Later, an
 * update of what was installed so. Knows the commands of the server's program, and nothing of what they get.
 *
 * The folder `server` is in the packages made by `make vsix` only: the server as a wheel, and the versions of all that it
 * needs with their hashes. An installation that was broken off is gone on with the next time.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  commands,
  env,
  l10n,
  type LogOutputChannel,
  type Memento,
  ProgressLocation,
  Uri,
  window,
  workspace,
} from 'vscode';
import { type Outdated, outdated } from './outdated';
import { inside, isTaken, OWN } from './places';
import { findMaker, lacksVenv, type Maker } from './python';
import { Failed, run } from './run';

const QUESTION = l10n.t(
  'Shadowpen is not installed on this machine yet. Install it now? It downloads about 250 MB: Python packages, and the ' +
    'writing model. All of it stays on this machine, and nothing of what you write leaves it.',
);
const NO_PYTHON = l10n.t('Shadowpen needs Python 3.11 or newer, or uv. Install one of them, then try again.');
const TAKEN = l10n.t('The folder {0} holds something else, so Shadowpen cannot be installed there.', OWN);
const WELCOME = l10n.t(
  'Shadowpen is installed. Write in a Markdown or text file: grey text appears after the cursor where Shadowpen is sure. ' +
    'Alt+\\ asks for it, Tab accepts it.',
);
const INSTALL = l10n.t('Install');
const UPDATE = l10n.t('Update');
const NOT_NOW = l10n.t('Not Now');
const TRY_AGAIN = l10n.t('Try Again');
const LOCKED = 'serve.lock';
const DECLINED = 'declinedUpdate'; // where the editor keeps the version that was not wanted

/** Run a command under a name; `told` makes of a line that it prints what is shown. */
type Step = (name: string, command: readonly string[], told?: (line: string) => string | undefined) => Promise<void>;

export class Installer {
  private asked = false;
  private installing = false;

  /** `installed` is called when the server is there. */
  constructor(
    private readonly folder: string,
    private readonly log: LogOutputChannel,
    private readonly memento: Memento,
    private readonly installed: () => unknown,
  ) {}

  /** The server that is carried; undefined where there is none. */
  private get wheel(): string | undefined {
    const wheel = existsSync(this.folder) && readdirSync(this.folder).find((name) => name.endsWith('.whl'));
    return wheel ? join(this.folder, wheel) : undefined;
  }

  get possible(): boolean {
    return this.wheel !== undefined;
  }

  /** The Shadowpen in OWN, where it was installed from such a package and the one that is carried is newer. */
  get outdated(): Outdated | undefined {
    const { wheel } = this;
    return wheel === undefined ? undefined : outdated(OWN, wheel);
  }

  /** Ask, once a session; afterwards only `install` does it. */
  async offer(): Promise<void> {
    if (!this.asked) {
      this.asked = true;
      if ((await window.showInformationMessage(QUESTION, INSTALL, NOT_NOW)) === INSTALL) {
        await this.install();
      }
    }
  }

  /** Ask, until the writer refuses this version; afterwards only `install` does it. */
  async offerUpdate({ installed, carried }: Outdated): Promise<void> {
    if (this.memento.get(DECLINED) === carried) {
      return;
    }
    const question = l10n.t(
      'Update Shadowpen? Version {0} is installed on this machine, and this extension contains version {1}. Packages that ' +
        'changed are downloaded.',
      installed,
      carried,
    );
    const chosen = await window.showInformationMessage(question, UPDATE, NOT_NOW);
    if (chosen === UPDATE) {
      await this.install();
    } else if (chosen) {
      await this.memento.update(DECLINED, carried);
    }
  }

  /** Do it now; what goes wrong is told, with a way on. */
  async install(): Promise<void> {
    const { wheel } = this;
    if (!wheel || this.installing) {
      return;
    }
    this.installing = true;
    try {
      const maker = await findMaker();
      if (isTaken()) {
        void this.fail(l10n.t('{0} failed. {1}', l10n.t('Installing Shadowpen'), TAKEN), () => this.install());
      } else if (!maker) {
        void this.withoutPython();
      } else {
        await this.carryOut(maker, wheel);
      }
    } finally {
      this.installing = false;
    }
  }

  /** Run a command of the server's that gets what is missing, with progress; the server is started again behind it. */
  async follow(title: string, command: readonly string[]): Promise<void> {
    const work = (step: Step) => step(l10n.t('starting'), command, parts());
    if (await this.progress(title, work, () => this.follow(title, command))) {
      this.installed();
    }
  }

  private async carryOut(maker: Maker, wheel: string): Promise<void> {
    const locked = join(this.folder, LOCKED);
    const count = readFileSync(locked, 'utf8').match(/^\S+==/gm)?.length ?? 0;
    const [python, program] = [inside(OWN, 'python'), inside(OWN, 'shadowpen')];
    const old = this.outdated;
    const work = async (step: Step) => {
      await step(l10n.t('creating {0}', OWN), maker.create(OWN));
      const packed = [...maker.install(python), '--require-hashes', '-r', locked];
      await step(l10n.t('downloading packages'), packed, packages(count));
      await step(l10n.t('installing'), [...maker.install(python), wheel]);
      if (old) {
        // One that does not stop goes on as it was until it ends by itself; the new version is there all the same.
        await step(l10n.t('stopping the old version'), [program, 'stop']).catch(() => {});
      } else {
        await step(l10n.t('downloading the model'), [program, 'setup'], parts());
      }
    };
    const title = old ? l10n.t('Updating Shadowpen') : l10n.t('Installing Shadowpen');
    if (await this.progress(title, work, () => this.install())) {
      this.installed();
      void (old
        ? window.showInformationMessage(l10n.t('Shadowpen is updated to version {0}.', old.carried))
        : this.welcome());
    }
  }

  /** With a button, since the editor cuts a message without one off. */
  private async welcome(): Promise<void> {
    if (await window.showInformationMessage(WELCOME, l10n.t('Show the First Steps'))) {
      await commands.executeCommand('shadowpen.showFirstSteps');
    }
  }

  private async progress(
    title: string,
    work: (step: Step) => Promise<unknown>,
    again: () => unknown,
  ): Promise<boolean> {
    const options = { location: ProgressLocation.Notification, title, cancellable: true };
    return window.withProgress(options, async (progress, token) => {
      try {
        await work((name, command, told) => {
          this.log.info(command.join(' '));
          progress.report({ message: name });
          const tell = (line: string) => {
            this.log.info(line);
            const message = told?.(line);
            if (message) {
              progress.report({ message });
            }
          };
          return run(command, tell, token, proxy());
        });
        return true;
      } catch (error) {
        if (!token.isCancellationRequested) {
          void this.fail(l10n.t('{0} failed. {1}', title, reason(error)), again);
        }
        return false;
      }
    });
  }

  private async fail(told: string, again: () => unknown): Promise<void> {
    const chosen = await window.showErrorMessage(told, TRY_AGAIN, l10n.t('Show Log'));
    if (chosen === TRY_AGAIN) {
      await again();
    } else if (chosen) {
      this.log.show();
    }
  }

  private async withoutPython(): Promise<void> {
    const found = await lacksVenv();
    if (found) {
      return this.fail(
        l10n.t(
          'Python {0} is on this machine, but without its module venv, which Shadowpen needs. On Debian and Ubuntu it is ' +
            'in the package python3-venv. Install that, then try again.',
          found,
        ),
        () => this.install(),
      );
    }
    const chosen = await window.showErrorMessage(NO_PYTHON, TRY_AGAIN, l10n.t('Get Python'));
    if (chosen === TRY_AGAIN) {
      await this.install();
    } else if (chosen) {
      await env.openExternal(Uri.parse('https://www.python.org/downloads/'));
    }
  }
}

/** Why it failed, as a sentence for the writer; what a program complains of is in its own words. */
function reason(error: unknown): string {
  if (!(error instanceof Failed)) {
    return String(error);
  }
  const { program, how } = error;
  if ('unstarted' in how) {
    return l10n.t('{0} cannot be run: {1}.', program, how.unstarted);
  }
  if (how.offline) {
    return l10n.t('The network cannot be reached. Check the connection, and the proxy if you need one, then try again.');
  }
  return how.complaint ?? l10n.t('{0} ended with {1}.', program, String(how.code));
}

/** What pip's or uv's lines about `count` packages come to, for whoever waits. */
function packages(count: number): (line: string) => string | undefined {
  let got = 0;
  return (line) => {
    const name = /^Collecting ([\w.-]+)/.exec(line)?.[1];
    if (name) {
      return l10n.t('downloading packages, {0} of {1} ({2})', ++got, count, name);
    }
    const [, large, size] = /^Downloading ([A-Za-z]\w*).* \(([\d.]+ ?M\w*)\)/.exec(line) ?? [];
    if (large && size) {
      return l10n.t('downloading {0}, {1}', large, size);
    }
    return /^Installing/.test(line) ? l10n.t('unpacking packages') : undefined;
  };
}

/** What the lines of `shadowpen setup` come to: its steps have names for those who know models, and the log has them. */
function parts(): (line: string) => string {
  let last = '';
  let part = 0;
  return (line) => {
    const [, name = line, share = ''] = /^(.*?)(?:: (\d+%))?$/.exec(line) ?? [];
    part += name === last ? 0 : 1;
    last = name;
    return share ? l10n.t('downloading the model, part {0}: {1}', part, share) : l10n.t('downloading the model, part {0}', part);
  };
}

/** The editor's own proxy, for programs that do not know it. */
function proxy(): NodeJS.ProcessEnv {
  const address = workspace.getConfiguration('http').get<string>('proxy');
  return address ? { HTTPS_PROXY: address, HTTP_PROXY: address } : {};
}

/**
 * The first start without a terminal: one question, then an environment of Python's with the server that the extension
 * carries, and the model. Knows the commands of the server's program, and nothing of what they get.
 *
 * The folder `server` is in the packages made by `make vsix` only: the server as a wheel, and the versions of all that it
 * needs with their hashes. An installation that was broken off is gone on with the next time.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { commands, env, type LogOutputChannel, ProgressLocation, Uri, window, workspace } from 'vscode';
import { inside, isTaken, OWN } from './places';
import { findMaker, type Maker } from './python';
import { Failed, run } from './run';

const QUESTION =
  'Shadowpen is not installed on this machine yet. Install it now? It downloads about 250 MB: Python packages, and the ' +
  'writing model. All of it stays on this machine, and nothing of what you write leaves it.';
const NO_PYTHON = 'Shadowpen needs Python 3.11 or newer, or uv. Install one of them, then try again.';
const TAKEN = `The folder ${OWN} holds something else, so Shadowpen cannot be installed there.`;
const INSTALLING = 'Installing Shadowpen';
const WELCOME =
  'Shadowpen is installed. Write in a Markdown or text file: grey text appears behind the cursor where Shadowpen is sure. ' +
  'Alt+\\ asks for it, Tab accepts it.';
const LOCKED = 'serve.lock';

/** Run a command under a name; `told` makes of a line that it prints what is shown. */
type Step = (name: string, command: readonly string[], told?: (line: string) => string | undefined) => Promise<void>;

export class Installer {
  private asked = false;
  private installing = false;

  /** `installed` is called when the server is there. */
  constructor(
    private readonly folder: string,
    private readonly log: LogOutputChannel,
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

  /** Ask, once a session; afterwards only `install` does it. */
  async offer(): Promise<void> {
    if (!this.asked) {
      this.asked = true;
      if ((await window.showInformationMessage(QUESTION, 'Install', 'Not Now')) === 'Install') {
        await this.install();
      }
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
        void this.fail(INSTALLING, TAKEN, () => this.install());
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
    const work = (step: Step) => step('starting', command, parts());
    if (await this.progress(title, work, () => this.follow(title, command))) {
      this.installed();
    }
  }

  private async carryOut(maker: Maker, wheel: string): Promise<void> {
    const locked = join(this.folder, LOCKED);
    const count = readFileSync(locked, 'utf8').match(/^\S+==/gm)?.length ?? 0;
    const python = inside(OWN, 'python');
    const work = async (step: Step) => {
      await step(`making ${OWN}`, maker.create(OWN));
      await step('getting packages', [...maker.install(python), '--require-hashes', '-r', locked], packages(count));
      await step('installing', [...maker.install(python), wheel]);
      await step('getting the model', [inside(OWN, 'shadowpen'), 'setup'], parts());
    };
    const done = await this.progress(INSTALLING, work, () => this.install());
    if (done) {
      this.installed();
      void this.welcome();
    }
  }

  /** With a button, since the editor cuts a message without one off. */
  private async welcome(): Promise<void> {
    if (await window.showInformationMessage(WELCOME, 'Show the First Steps')) {
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
          void this.fail(title, error instanceof Failed ? error.message : String(error), again);
        }
        return false;
      }
    });
  }

  private async fail(title: string, reason: string, again: () => unknown): Promise<void> {
    const chosen = await window.showErrorMessage(`${title} failed. ${reason}`, 'Try Again', 'Show Log');
    if (chosen === 'Try Again') {
      await again();
    } else if (chosen) {
      this.log.show();
    }
  }

  private async withoutPython(): Promise<void> {
    const chosen = await window.showErrorMessage(NO_PYTHON, 'Try Again', 'Get Python');
    if (chosen === 'Try Again') {
      await this.install();
    } else if (chosen) {
      await env.openExternal(Uri.parse('https://www.python.org/downloads/'));
    }
  }
}

/** What pip's or uv's lines about `count` packages come to, for whoever waits. */
function packages(count: number): (line: string) => string | undefined {
  let got = 0;
  return (line) => {
    const name = /^Collecting ([\w.-]+)/.exec(line)?.[1];
    if (name) {
      return `getting packages, ${++got} of ${count} (${name})`;
    }
    const large = /^Downloading ([A-Za-z]\w*).* \(([\d.]+ ?M\w*)\)/.exec(line);
    return large ? `downloading ${large[1]}, ${large[2]}` : /^Installing/.test(line) ? 'unpacking packages' : undefined;
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
    return `getting the model, part ${part}${share && `: ${share}`}`;
  };
}

/** The editor's own proxy, for programs that do not know it. */
function proxy(): NodeJS.ProcessEnv {
  const address = workspace.getConfiguration('http').get<string>('proxy');
  return address ? { HTTPS_PROXY: address, HTTP_PROXY: address } : {};
}

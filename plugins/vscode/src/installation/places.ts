/** Where Shadowpen is, or may be installed, when no setting and no `command.json` says so. Knows no editor. */
import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const WINDOWS = process.platform === 'win32';

const SHARED = process.platform === 'darwin' ? ['/opt/homebrew/bin', '/usr/local/bin'] : [];

/** The environment that the README makes by hand, and that the extension makes for whoever has no terminal. */
export const OWN = join(homedir(), '.shadowpen');

/** A program of a Python environment. */
export function inside(environment: string, program: string): string {
  return WINDOWS ? join(environment, 'Scripts', `${program}.exe`) : join(environment, 'bin', program);
}

/** The server's program: of the PATH, else where pipx and uv put it, else our own; undefined where there is none. */
export function shadowpen(): string | undefined {
  const beside = join(homedir(), '.local', 'bin', WINDOWS ? 'shadowpen.exe' : 'shadowpen');
  return onPath('shadowpen') ?? [beside, inside(OWN, 'shadowpen')].find(runs);
}

/** Whether a program is the one in OWN, by a link too. */
export function isOwn(program: string): boolean {
  const own = inside(OWN, 'shadowpen');
  return existsSync(program) && existsSync(own) && realpathSync(program) === realpathSync(own);
}

/** The path of a program; editors that a desktop starts may lack what a terminal's PATH has. */
export function onPath(name: string): string | undefined {
  const own = ['.local/bin', '.cargo/bin'].map((folder) => join(homedir(), folder));
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...own, ...SHARED];
  const file = WINDOWS ? `${name}.exe` : name;
  return folders.filter(Boolean).map((folder) => join(folder, file)).find(runs);
}

/** Whether OWN is there and is no Python environment: then it is somebody else's. */
export function isTaken(): boolean {
  return existsSync(OWN) && !existsSync(join(OWN, 'pyvenv.cfg')) && readdirSync(OWN).length > 0;
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

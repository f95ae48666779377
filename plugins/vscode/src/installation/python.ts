/** Find a Python that Shadowpen runs on, or uv, which can get one. Knows nothing of Shadowpen but the oldest version. */
import { onPath } from './places';
import { output } from './run';

const OLDEST = [3, 11] as const;
const NAMES = ['python3.13', 'python3.12', 'python3.11', 'python3', 'python3.14', 'python'];
const ASK = 'import sys; print(*sys.version_info[:2])';
const ASK_VENV = 'import venv, ensurepip';

/** How to make an environment in a folder, and how to install into it: command lines without what they are about. */
export interface Maker {
  create: (folder: string) => string[];
  install: (python: string) => string[];
}

/** The first that will do, uv where no Python does; undefined where there is neither. */
export async function findMaker(): Promise<Maker | undefined> {
  for (const python of pythons()) {
    if ((await version(python)) && (await makesEnvironments(python))) {
      return {
        create: (folder) => [python, '-m', 'venv', folder],
        install: (own) => [own, '-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar=off', '--no-deps'],
      };
    }
  }
  const uv = onPath('uv');
  return (
    uv && {
      create: (folder) => [uv, 'venv', '--allow-existing', `--python=>=${OLDEST.join('.')}`, folder],
      install: (own) => [uv, 'pip', 'install', `--python=${own}`, '--no-deps'],
    }
  ) || undefined;
}

/** The version of a Python that is new enough and makes no environments, as Debian's without its package for that. */
export async function lacksVenv(): Promise<string | undefined> {
  for (const python of pythons()) {
    const found = await version(python);
    if (found && !(await makesEnvironments(python))) {
      return found;
    }
  }
  return undefined;
}

function pythons(): string[] {
  return NAMES.flatMap((name) => onPath(name) ?? []);
}

/** As "3.12"; "" where it is too old or none. */
async function version(python: string): Promise<string> {
  const told = await output([python, '-c', ASK]).catch(() => '');
  const [major = 0, minor = 0] = told.split(' ').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]) ? `${major}.${minor}` : '';
}

function makesEnvironments(python: string): Promise<boolean> {
  return output([python, '-c', ASK_VENV]).then(
    () => true,
    () => false,
  );
}

/** The modules that come from JupyterLab. The build makes every import of one of them a call of `sharedModule`. */

interface SharedVersion {
  get(): Promise<() => unknown> | (() => unknown);
  /** Some other extension uses it already. */
  readonly loaded?: number | boolean;
}

/** Versions by their numbers, by the names of their modules. */
export type SharedModules = Record<string, Record<string, SharedVersion>>;

const NAMES = [
  '@codemirror/state',
  '@codemirror/view',
  '@jupyterlab/apputils',
  '@jupyterlab/codemirror',
  '@jupyterlab/fileeditor',
  '@jupyterlab/notebook',
  '@jupyterlab/settingregistry',
  '@jupyterlab/translation',
];
const found: Record<string, unknown> = {};

/** Get the modules that the extension imports from those that JupyterLab shares. */
export async function offer(modules: SharedModules): Promise<void> {
  for (const name of NAMES) {
    const make = await chosen(name, modules[name] ?? {}).get();
    found[name] = make();
  }
}

export function sharedModule(name: string): unknown {
  if (!(name in found)) {
    throw new Error(`Shadowpen did not ask JupyterLab for ${name}.`);
  }
  return found[name];
}

/** The version that is in use, else the newest. */
function chosen(name: string, versions: Record<string, SharedVersion>): SharedVersion {
  const newest = Object.keys(versions).sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1);
  const version = Object.values(versions).find((each) => each.loaded) ?? (newest && versions[newest]);
  if (!version) {
    throw new Error(`This JupyterLab shares no ${name}; Shadowpen needs JupyterLab 4.`);
  }
  return version;
}

/** The settings of the extension, as JupyterLab's own settings page shows and stores them. */
import type { ISettingRegistry, StoredPlugin } from '@jupyterlab/settingregistry';
import { say, type Server } from '../../codemirror/src';

export interface Settings extends Server {
  readonly ghostText: boolean;
}

/** What is stored, with defaults for what is missing or wrong. */
export function readSettings(stored: Readonly<Record<string, unknown>>): Settings {
  const port = Number(stored['port']);
  return {
    port: Number.isInteger(port) && port > 0 && port < 65536 ? port : 8017,
    token: String(stored['token'] ?? '').trim(),
    ghostText: stored['ghostText'] !== false,
  };
}

/** Have JupyterLab's settings page say what they are for in its own language. */
export function describeSettings(stored: ISettingRegistry): void {
  stored.transform('shadowpen:plugin', { fetch: described });
}

function described(loaded: StoredPlugin): StoredPlugin {
  for (const each of [loaded.schema, ...Object.values(loaded.schema.properties ?? {})]) {
    each.title = say(each.title);
    each.description = say(each.description);
  }
  return loaded;
}

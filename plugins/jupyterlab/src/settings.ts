/** The settings of the extension, as JupyterLab's own settings page shows and stores them. */
import type { Server } from '../../codemirror/src';

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

/** The command line that `shadowpen install vscode` writes beside the extension. Knows no editor. */
import { existsSync, readFileSync } from 'node:fs';

export interface Written {
  command: string[]; // empty where there is none
  broken: boolean;
}

/** What the file at `path` holds; `broken` where it is there and holds no command line. */
export function written(path: string): Written {
  const command = existsSync(path) ? commandIn(path) : [];
  return { command: command ?? [], broken: !command };
}

function commandIn(path: string): string[] | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const isCommand = Array.isArray(found) && found.length > 0 && found.every((word) => typeof word === 'string');
    return isCommand ? found : undefined;
  } catch {
    return undefined;
  }
}

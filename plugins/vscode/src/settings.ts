/**
 * The settings; a workspace may only restrict what the user allows.
 *
 * Its values are joined with the writer's own so that none of them widens what is read; what names programs or
 * languages is not taken from it at all (scope "machine" in package.json).
 */
import { workspace } from 'vscode';

/**
 * Cells of notebooks and the box for a commit's message are documents of their own. vscode-remote: a file elsewhere, where
 * the extension is not installed and so runs where the writer sits.
 */
const SCHEMES = ['file', 'untitled', 'vscode-notebook-cell', 'vscode-scm', 'vscode-remote'];

/** As the language server's initializationOptions. */
export interface Restrictions {
  enabled: boolean;
  languagesOff: string[];
  exclude: string[];
  deadlineMs: number | null;
  singleLine: boolean;
  grammar: boolean;
}

/** The values of a setting: the writer's own, or the default, then the workspace's. */
function levels<T>(key: string): T[] {
  const found = workspace.getConfiguration('shadowpen').inspect<T>(key);
  return [found?.globalValue ?? found?.defaultValue, found?.workspaceValue].filter((value) => value != null);
}

export function restrictions(): Restrictions {
  const deadlines = levels<number>('deadlineMs');
  return {
    enabled: levels<boolean>('enabled').every(Boolean),
    languagesOff: [...new Set(levels<string[]>('languagesOff').flat())],
    exclude: [...new Set(levels<string[]>('exclude').flat())],
    deadlineMs: deadlines.length ? Math.min(...deadlines) : null,
    singleLine: levels<boolean>('singleLine').some(Boolean),
    grammar: levels<boolean>('grammar').every(Boolean),
  };
}

/** The documents the language server gets to see. */
export function selector(): Array<{ language: string; scheme: string }> {
  const languages = workspace.getConfiguration('shadowpen').get<string[]>('languages', []);
  return languages.flatMap((language) => SCHEMES.map((scheme) => ({ language, scheme })));
}

/** The command line the writer chose; empty when there is none. */
export function command(): string[] {
  return workspace.getConfiguration('shadowpen').get<string[]>('command', []);
}

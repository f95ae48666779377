/** The types of the server's messages about itself. Knows nothing of how that is shown. */

import type { InlineCompletionItem, Position } from 'vscode-languageclient';

export type State = 'off' | 'starting' | 'ready' | 'busy' | 'inactive' | 'paused' | 'error';

/** The parameters of `shadowpen/status`. */
export interface Told {
  state: State;
  message?: string;
  hint?: string;
  /** The model and the version of it that answers. */
  model?: string;
  /** The same in words. */
  modelName?: string;
  /** A training under way: how far from 0 to 1, where known. */
  training?: { message?: string; fraction?: number } | null;
  /** Seconds since 1970 at which a pause ends; null where only the writer ends it. */
  pausedUntil?: number | null;
  /** Ghost text comes on the key only. */
  manual?: boolean;
  /** There is no server on this machine, and the extension can install one. */
  toInstall?: boolean;
  documentState?: { uri: string; state: State; reason?: string };
}

/** The parameters of `shadowpen/growing`: what may be drawn by now of what was asked for by a key. */
export interface Growing {
  textDocument: { uri: string };
  position: Position;
  items: InlineCompletionItem[];
}

/**
 * The box for the commit message in the source control view. VS Code shows extensions its text, but no editor: where
 * its cursor is, is known from the requests for ghost text and from the changes. Knows nothing of the server.
 */
import type { Disposable, Position, TextDocument } from 'vscode';
import { workspace, WorkspaceEdit } from 'vscode';
import type { Hand, Spot } from './ghosts';

/** What the keys of the box give to their commands, in package.json. */
export const IN_BOX = 'commitBox';

/** VS Code's command that brings the cursor into the box. */
export const FOCUS_BOX = 'workbench.scm.action.focusNextInput';

export function isBox(document: TextDocument): boolean {
  return document.uri.scheme === 'vscode-scm';
}

export class CommitBox implements Disposable, Hand {
  private known: Spot | undefined;
  private readonly listener = workspace.onDidChangeTextDocument(({ document, contentChanges: [change] }) => {
    if (change && isBox(document)) {
      this.known = { document, cursor: document.positionAt(change.rangeOffset + change.text.length) };
    }
  });

  /** Where the writer wrote last; undefined before that. */
  get spot(): Spot | undefined {
    return this.known?.document.isClosed ? undefined : this.known;
  }

  /** Ghost text is asked for at the cursor. */
  asked(document: TextDocument, cursor: Position): void {
    if (isBox(document)) {
      this.known = { document, cursor };
    }
  }

  /** Insert at the cursor, which goes along. */
  append(text: string): Thenable<boolean> {
    const edit = new WorkspaceEdit();
    if (this.spot) {
      edit.insert(this.spot.document.uri, this.spot.cursor, text);
    }
    return workspace.applyEdit(edit);
  }

  dispose(): void {
    this.listener.dispose();
  }
}

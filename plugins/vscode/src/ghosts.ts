/**
 * The ghost texts that the server answered last, found again as they are typed along: VS Code tells nobody which one it
 * draws. Knows neither processes nor what is done with them.
 */
import {
  type InlineCompletionItem,
  type InlineCompletionList,
  type Position,
  Range,
  type TextDocument,
  type TextEditor,
} from 'vscode';

export interface Ghost {
  item: InlineCompletionItem;
  /** The server's text that stands in the document already, and what is still grey. */
  typed: string;
  rest: string;
}

export class Ghosts {
  private last: { document: TextDocument; at: Position; items: InlineCompletionItem[] } | undefined;

  remember(
    document: TextDocument,
    at: Position,
    found: InlineCompletionItem[] | InlineCompletionList | null | undefined,
  ): void {
    const items = Array.isArray(found) ? found : (found?.items ?? []);
    if (items.length) {
      this.last = { document, at, items };
    }
  }

  /** What may be drawn at the cursor of `editor`: where answer and text still agree; several were asked for by a key. */
  at(editor: TextEditor): Ghost[] {
    const last = this.last;
    const cursor = editor.selection.active;
    if (last?.document !== editor.document || cursor.isBefore(last.at)) {
      return [];
    }
    const typed = textIn(editor.document, last.at, cursor);
    return last.items.flatMap((item) => {
      const text = item.insertText;
      const goesOn = typeof text === 'string' && text.startsWith(typed) && text.length > typed.length;
      return goesOn ? [{ item, typed, rest: text.slice(typed.length) }] : [];
    });
  }

  /** They are not drawn any more. */
  forget(): void {
    this.last = undefined;
  }
}

/** As the server counts: its line ends are single characters, whatever the document's are. */
export function textIn(document: TextDocument, from: Position, to: Position): string {
  return document.getText(new Range(from, to)).replaceAll('\r\n', '\n');
}

/**
 * The server's last ghost texts, found again while the user types along one. Knows neither processes nor what is done
 * with them.
 */
import {
  type InlineCompletionItem,
  type InlineCompletionList,
  type Position,
  Range,
  type TextDocument,
  type TextEditor,
} from 'vscode';

/** A place in a text. */
export interface Spot {
  document: TextDocument;
  cursor: Position;
}

/** Where the writer writes: its cursor, and a way to write there, joined to the undo step before where that can be. */
export interface Hand {
  readonly spot: Spot | undefined;
  append(text: string): Thenable<boolean>;
}

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

  /** What may be drawn at a cursor: where answer and text still agree; several were asked for by a key. */
  at({ document, cursor }: Spot): Ghost[] {
    const last = this.last;
    if (last?.document !== document || cursor.isBefore(last.at)) {
      return [];
    }
    const typed = textIn(document, last.at, cursor);
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

/** Where the writer writes in an editor. */
export function inEditor(editor: TextEditor): Hand {
  return {
    get spot() {
      return { document: editor.document, cursor: editor.selection.active };
    },
    append: (text) =>
      editor.edit((edit) => edit.insert(editor.selection.active, text), { undoStopBefore: false, undoStopAfter: true }),
  };
}

/** As the server counts: its line ends are single characters, whatever the document's are. */
export function textIn(document: TextDocument, from: Position, to: Position): string {
  return document.getText(new Range(from, to)).replaceAll('\r\n', '\n');
}

/**
 * The key that requests ghost text: drawn while it is written, extended when the key is pressed again.
 *
 * VS Code asks anew whenever another of several is wanted, and asks nothing while it has an answer by a key for the same
 * place. So each of our presses is told apart from that, and to draw more the ghost text is taken away and put back at
 * once. How far the text goes is the server's affair. Knows neither processes nor what is taken.
 */
import {
  CancellationTokenSource,
  commands,
  type CancellationToken,
  type InlineCompletionContext,
  type InlineCompletionItem,
  type InlineCompletionList,
  InlineCompletionTriggerKind,
  type Position,
  type TextDocument,
  window,
} from 'vscode';
import { isBox } from './commitBox';

type Found = InlineCompletionItem[] | InlineCompletionList | null | undefined;
type Next = (
  document: TextDocument,
  position: Position,
  context: InlineCompletionContext,
  token: CancellationToken,
) => PromiseLike<Found> | Found;

const REDRAW_MS = 120; // between two states of a text that grows

interface Asked {
  document: TextDocument;
  version: number;
  at: Position;
  items: InlineCompletionItem[];
  /** Whether VS Code was answered with less than all of it. */
  early: boolean;
  done: boolean;
  cancel: CancellationTokenSource;
  grown: () => void;
}

export class OnKey {
  private pressed = false;
  private asked: Asked | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Ask here and now; at the same place once more for a longer text. */
  async press(): Promise<void> {
    this.pressed = true;
    await draw();
  }

  /** Answer VS Code, which asks for ghost text; `next` asks the server. */
  async provide(
    document: TextDocument,
    position: Position,
    context: InlineCompletionContext,
    token: CancellationToken,
    next: Next,
  ): Promise<Found> {
    const known = this.asked && standsAt(this.asked, document, position) ? this.asked : undefined;
    const byKey = context.triggerKind === InlineCompletionTriggerKind.Invoke;
    if (byKey && (this.pressed || !known)) {
      this.pressed = false;
      return this.ask(document, position, context, token, next, known?.items ?? []);
    }
    if (known && (byKey || !known.done)) {
      return known.items;
    }
    this.drop();
    return next(document, position, context, token);
  }

  /** More of what was asked for at `at` is there. */
  grow(uri: string, at: Position, items: InlineCompletionItem[]): void {
    const asked = this.asked;
    if (asked && !asked.done && asked.document.uri.toString() === uri && asked.at.isEqual(at)) {
      asked.items = items;
      asked.grown();
      if (asked.early) {
        this.timer ??= setTimeout(() => this.redraw(asked), REDRAW_MS);
      }
    }
  }

  /** It is waved away, or the text went on without it. */
  drop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.asked && !this.asked.done) {
      this.asked.cancel.cancel();
    }
    this.asked = undefined;
  }

  /** `shown` stays on the screen until there is more of it. */
  private async ask(
    document: TextDocument,
    at: Position,
    context: InlineCompletionContext,
    token: CancellationToken,
    next: Next,
    shown: InlineCompletionItem[],
  ): Promise<Found> {
    this.drop();
    let grown = () => {};
    const first = new Promise<void>((resolve) => {
      grown = resolve;
    });
    const cancel = new CancellationTokenSource();
    const asked: Asked = { document, version: document.version, at, items: shown, early: false, done: false, cancel, grown };
    this.asked = asked;
    token.onCancellationRequested(() => !asked.early && cancel.cancel());
    const all = this.finish(asked, next(document, at, context, cancel.token));
    if (isBox(document)) {
      await all; // where no editor tells that the cursor still stands there, nothing can be drawn later
    } else if (!shown.length) {
      await Promise.race([all, first]);
    }
    asked.early = !asked.done;
    return asked.items;
  }

  private async finish(asked: Asked, answer: PromiseLike<Found> | Found): Promise<void> {
    const found = await Promise.resolve(answer).catch(() => undefined);
    const items = Array.isArray(found) ? found : (found?.items ?? []);
    asked.done = true;
    if (items.length || !asked.early) {
      asked.items = items;
    }
    if (asked.early) {
      await this.redraw(asked);
    }
  }

  private async redraw(asked: Asked): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const editor = window.activeTextEditor;
    if (this.asked !== asked) {
      return;
    }
    if (editor && standsAt(asked, editor.document, editor.selection.active)) {
      await draw();
    } else {
      this.drop();
    }
  }
}

function standsAt(asked: Asked, document: TextDocument, position: Position): boolean {
  return asked.document === document && asked.version === document.version && asked.at.isEqual(position);
}

/** While it draws an answer by a key for the place VS Code does not ask again. */
async function draw(): Promise<void> {
  await commands.executeCommand('editor.action.inlineSuggest.hide');
  await commands.executeCommand('editor.action.inlineSuggest.trigger');
}

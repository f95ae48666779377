/**
 * When an editor asks for ghost text: a moment after a key that wrote something, once at a time, while it has the focus,
 * and never while an input method composes, but when it is done. Knows not who answers.
 */
import { Facet } from '@codemirror/state';
import { type EditorView, type PluginValue, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { ghostField, isAt, setGhost } from './ghost';

const WAIT_MS = 30;
const BEFORE_CHARACTERS = 8000;
const AFTER_CHARACTERS = 1000;

export interface Wanted {
  readonly before: string;
  readonly after: string;
  /** The user asked by a key, so some text should come. */
  readonly asked: boolean;
}

/** Where ghost text comes from: "" where there is none. It may throw; then nothing is shown. */
export type Source = (wanted: Wanted, signal: AbortSignal) => Promise<string>;

export const ghostSource = Facet.define<Source, Source>({
  combine: (sources) => sources[0] ?? (() => Promise.resolve('')),
});

class Asking implements PluginValue {
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private asked = new AbortController();
  private composed = false; // an input method wrote something, and is not done

  constructor(private readonly view: EditorView) {}

  update(update: ViewUpdate): void {
    if (!update.docChanged && !update.selectionSet) {
      return;
    }
    this.stop();
    const wrote = update.transactions.some((each) => each.isUserEvent('input'));
    const pasted = update.transactions.some((each) => each.isUserEvent('input.paste'));
    if (wrote && !pasted && !update.state.field(ghostField)) {
      this.composed = update.view.composing;
      if (!this.composed) {
        this.askSoon();
      }
    }
  }

  /** An input method is done: what it wrote last may have become text without any change. */
  compositionEnded(): void {
    if (this.composed) {
      this.composed = false;
      this.stop();
      this.askSoon();
    }
  }

  destroy(): void {
    this.stop();
  }

  /** The user is elsewhere: what is drawn goes, and nothing more is awaited. */
  leave(): void {
    this.stop();
    if (this.view.state.field(ghostField)) {
      this.view.dispatch({ effects: setGhost.of(null) });
    }
  }

  async ask(asked: boolean): Promise<void> {
    this.stop();
    const { state } = this.view;
    const at = state.selection.main.head;
    if (!isAt(state, at) || state.readOnly) {
      return;
    }
    const mine = (this.asked = new AbortController());
    const text = await this.answer(at, asked, mine.signal);
    const unchanged = this.view.state.doc === state.doc && isAt(this.view.state, at) && !this.view.composing;
    if (text && unchanged && this.view.hasFocus && !mine.signal.aborted) {
      this.view.dispatch({ effects: setGhost.of({ at, text }) });
    }
  }

  private async answer(at: number, asked: boolean, signal: AbortSignal): Promise<string> {
    const { doc } = this.view.state;
    const before = doc.sliceString(Math.max(0, at - BEFORE_CHARACTERS), at);
    const after = doc.sliceString(at, at + AFTER_CHARACTERS);
    try {
      return await this.view.state.facet(ghostSource)({ before, after, asked }, signal);
    } catch {
      return ''; // whoever answers says what is wrong; writing goes on
    }
  }

  private askSoon(): void {
    this.waiting = setTimeout(() => {
      if (!this.view.composing) {
        void this.ask(false);
      }
    }, WAIT_MS);
  }

  private stop(): void {
    clearTimeout(this.waiting);
    this.asked.abort();
  }
}

export const asking = ViewPlugin.fromClass(Asking, {
  eventHandlers: {
    blur() {
      this.leave();
    },
    compositionend() {
      this.compositionEnded();
    },
  },
});

/** Ask for ghost text at the cursor, as if by a key. */
export function askHere(view: EditorView): boolean {
  void view.plugin(asking)?.ask(true);
  return true;
}

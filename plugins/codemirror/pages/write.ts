/** The page to write on: a CodeMirror editor with ghost text, and buttons that continue and expand. Nothing is stored. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { EditorView, keymap } from '@codemirror/view';
import { replaceIfUnchanged, shadowpen } from '../src';

const CONTEXT_CHARACTERS = 8000;
const told = byId('told');

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`The page has no ${id}.`);
  }
  return found;
}

async function ask(verb: string, body: object, signal: AbortSignal | null = null): Promise<string> {
  const answer = await fetch(`/write/${verb}`, { method: 'POST', body: JSON.stringify(body), signal });
  const { text, problem } = await answer.json();
  told.textContent = problem ?? '';
  return text ?? '';
}

const view = new EditorView({
  parent: byId('editor'),
  extensions: [
    shadowpen((wanted, signal) => ask('complete', wanted, signal)),
    history(),
    keymap.of([...defaultKeymap, ...historyKeymap]),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': 'Text', spellcheck: 'true' }),
  ],
});

/** Put what a verb writes in place of `from` to `to`, unless the text has changed meanwhile. */
async function write(button: HTMLElement, verb: string, body: object, from: number, to: number): Promise<void> {
  button.setAttribute('aria-busy', 'true');
  told.textContent = 'Writing …';
  try {
    if ((await replaceIfUnchanged(view, from, to, () => ask(verb, body))) === 'changed') {
      told.textContent = 'The text changed meanwhile, so nothing was put into it.';
    }
  } catch {
    told.textContent = 'Shadowpen does not answer. Run `shadowpen open` again.';
  } finally {
    button.removeAttribute('aria-busy');
    view.focus();
  }
}

byId('continue').addEventListener('click', (event) => {
  const { head } = view.state.selection.main;
  const before = view.state.sliceDoc(Math.max(0, head - CONTEXT_CHARACTERS), head);
  void write(event.currentTarget as HTMLElement, 'continue', { before }, head, head);
});

byId('expand').addEventListener('click', (event) => {
  const { from, to } = view.state.selection.main;
  if (from === to) {
    told.textContent = 'Select your notes first.';
    return;
  }
  const before = view.state.sliceDoc(Math.max(0, from - CONTEXT_CHARACTERS), from);
  void write(event.currentTarget as HTMLElement, 'expand', { before, notes: view.state.sliceDoc(from, to) }, from, to);
});

byId('save').addEventListener('click', () => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([view.state.doc.toString()], { type: 'text/plain' }));
  link.download = 'text.md';
  link.click();
  URL.revokeObjectURL(link.href);
});

window.addEventListener('beforeunload', (event) => {
  if (view.state.doc.length) {
    event.preventDefault();
  }
});
view.focus();

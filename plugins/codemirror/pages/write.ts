/** The page to write on: a CodeMirror editor with ghost text, and buttons that continue and expand. Nothing is stored. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { EditorView, keymap } from '@codemirror/view';
import { replaceIfUnchanged, shadowpen } from '../src';

const CONTEXT_CHARACTERS = 8000;
const told = byId('told');
const editor = byId('editor');

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`The page has no ${id}.`);
  }
  return found;
}

/** Say what the page itself holds under that name, in the reader's language. */
function say(name: 'writing' | 'changed' | 'silent' | 'unselected'): void {
  told.textContent = told.dataset[name] ?? '';
}

async function ask(verb: string, body: object, signal: AbortSignal | null = null): Promise<string> {
  const answer = await fetch(`/write/${verb}`, { method: 'POST', body: JSON.stringify(body), signal });
  const { text, problem } = await answer.json();
  told.textContent = problem ?? '';
  return text ?? '';
}

const view = new EditorView({
  parent: editor,
  extensions: [
    shadowpen((wanted, signal) => ask('complete', wanted, signal)),
    history(),
    keymap.of([...defaultKeymap, ...historyKeymap]),
    EditorView.lineWrapping,
    // In whatever language one writes, which need not be the page's.
    EditorView.contentAttributes.of({ 'aria-label': editor.dataset['label'] ?? '', lang: '', spellcheck: 'true' }),
  ],
});

/** Put what a verb writes in place of `from` to `to`, unless the text has changed meanwhile. */
async function write(button: HTMLElement, verb: string, body: object, from: number, to: number): Promise<void> {
  button.setAttribute('aria-busy', 'true');
  say('writing');
  try {
    if ((await replaceIfUnchanged(view, from, to, () => ask(verb, body))) === 'changed') {
      say('changed');
    }
  } catch {
    say('silent');
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
    say('unselected');
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

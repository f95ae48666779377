/** The commands of the extension. Their keys and their places in menus are in schemas/shadowpen/plugin.json. */
import type { Command, EditorView } from '@codemirror/view';
import { Notification } from '@jupyterlab/apputils';
import { acceptAll, askHere, dismiss, replaceIfUnchanged, say, type Writer } from '../../codemirror/src';
import { editorInUse, textBefore } from './editors';

const READ_MS = 8000;

/** Of JupyterLab's registry of commands what is called. */
export interface Commands {
  addCommand(id: string, options: { label: string; execute: () => unknown }): unknown;
}

const GHOST_TEXT: Record<string, [label: string, command: Command]> = {
  accept: ['Accept the suggestion', acceptAll],
  dismiss: ['Dismiss the suggestion', dismiss],
  suggest: ['Suggest Text Here', askHere],
};

export function addCommands(commands: Commands, writer: Writer): void {
  const add = (id: string, label: string, run: (view: EditorView) => unknown) =>
    commands.addCommand(`shadowpen:${id}`, {
      label: say(label),
      execute: () => {
        const view = editorInUse();
        view?.focus(); // a menu may have had it
        return view && run(view);
      },
    });
  for (const [id, [label, command]] of Object.entries(GHOST_TEXT)) {
    add(id, label, command);
  }
  add('expand', 'Expand the Selected Notes or Continue the Paragraph', (view) => writeParagraph(view, writer));
}

/** A paragraph in place of the selected notes; where nothing is selected, more of the text. */
async function writeParagraph(view: EditorView, writer: Writer): Promise<void> {
  const { from, to } = view.state.selection.main;
  const notes = view.state.sliceDoc(from, to);
  const before = textBefore(view);
  const write = () => (notes.trim() ? writer.expand(notes) : writer.goOn(before));
  const writing = Notification.emit(say('Shadowpen is writing …'), 'in-progress', { autoClose: false });
  try {
    if ((await replaceIfUnchanged(view, from, to, write)) === 'changed') {
      Notification.info(say('The text changed meanwhile, so nothing was put into it.'), { autoClose: READ_MS });
    }
  } finally {
    Notification.dismiss(writing);
  }
}

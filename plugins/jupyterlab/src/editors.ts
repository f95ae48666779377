/** What each editor of JupyterLab gets: ghost text in its colours, which is asked for where one writes prose. */
import { type Extension, Facet } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { EditorModel } from '@jupyterlab/codemirror';
import { ghostField, shadowpen, type Source, type Writer } from '../../codemirror/src';
import type { Places } from './places';
import type { Settings } from './settings';

const CONTEXT_CHARACTERS = 8000;

export interface EditorNeeds {
  readonly model: EditorModel;
  readonly inCell: boolean;
  readonly places: Places;
  readonly writer: Writer;
  readonly settings: () => Settings;
}

const textAbove = Facet.define<() => string, () => string>({ combine: ([first]) => first ?? (() => '') });
let lastFocused: EditorView | null = null;

export function ghostText({ model, inCell, places, writer, settings }: EditorNeeds): Extension {
  const source: Source = async (wanted, signal) => {
    if (!wanted.asked && !(settings().ghostText && places.isProse(model, inCell))) {
      return '';
    }
    return writer.ghost({ ...wanted, before: (places.above(model) + wanted.before).slice(-CONTEXT_CHARACTERS) }, signal);
  };
  return [
    shadowpen(source),
    textAbove.of(() => places.above(model)),
    EditorView.theme({ '.cm-shadowpen-ghost': { color: 'var(--jp-ui-font-color2)' } }),
    // JupyterLab takes Tab and Esc before CodeMirror does, so it binds them where this class is.
    EditorView.contentAttributes.compute([ghostField], (state) => (state.field(ghostField) ? { class: 'shadowpen-shown' } : {})),
    EditorView.updateListener.of(({ view, focusChanged }) => {
      lastFocused = focusChanged && view.hasFocus ? view : lastFocused;
    }),
  ];
}

/** The editor that has the focus, or had it before a menu took it. */
export function editorInUse(): EditorView | null {
  return lastFocused?.dom.isConnected ? lastFocused : null;
}

/** The text before the selection, with the Markdown cells above it, as far as a model reads. */
export function textBefore({ state }: EditorView): string {
  return (state.facet(textAbove)() + state.sliceDoc(0, state.selection.main.from)).slice(-CONTEXT_CHARACTERS);
}

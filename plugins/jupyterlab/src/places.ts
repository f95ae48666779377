/** Where one writes prose in JupyterLab, and what stands above it. Knows nothing of suggestions. */
import type { EditorModel } from '@jupyterlab/codemirror';
import type { IEditorTracker } from '@jupyterlab/fileeditor';
import type { CellModel, INotebookTracker } from '@jupyterlab/notebook';

// By the names of files, since JupyterLab says "plain text" of keys and of .env as well.
const PROSE_FILE = /\.(adoc|asciidoc|latex|markdown|md|mdx|org|qmd|rmd|rst|tex|text|txt|typ)$/iu;
const MARKDOWN = /markdown|ipythongfm/u;

export class Places {
  constructor(
    private readonly notebooks: INotebookTracker | null,
    private readonly files: IEditorTracker | null,
  ) {}

  /** Whether a text is a Markdown cell, or a file of prose. */
  isProse(model: EditorModel, inCell: boolean): boolean {
    if (inCell) {
      return MARKDOWN.test(model.mimeType);
    }
    const file = this.files?.find((widget) => widget.content.model === model);
    return PROSE_FILE.test(file?.context.path ?? '');
  }

  /** The Markdown cells above a cell, with an empty line after each; "" for a file. */
  above(model: EditorModel): string {
    const notebook = this.notebooks?.find(({ content }) => content.widgets.some((cell) => cell.model === model));
    const cells = notebook?.content.widgets.map((cell) => cell.model) ?? [];
    const above = cells.slice(0, Math.max(0, cells.indexOf(model as CellModel))).filter((cell) => cell.type === 'markdown');
    return above.map((cell) => `${cell.sharedModel.getSource()}\n\n`).join('');
  }
}

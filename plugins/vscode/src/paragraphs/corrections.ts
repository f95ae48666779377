/**
 * Show corrections beside the text before they are made, and the choice among them. What is made is one step of undo
 * each time, and only while the text is the one that was read. Knows nothing of how corrections are found.
 */
import {
  commands,
  Disposable,
  EventEmitter,
  l10n,
  languages,
  Range,
  type TextDocument,
  type TextDocumentContentProvider,
  TabInputTextDiff,
  Uri,
  window,
  workspace,
  WorkspaceEdit,
} from 'vscode';
import { FOCUS_BOX, isBox } from '../commitBox';

const SCHEME = 'shadowpen-correction';
const SHOWN = 60;
const ALL = l10n.t('Make All');
const SENTENCE = l10n.t('Make Next');
const LEAVE_SENTENCE = l10n.t('Skip Next');
const LEAVE_ALL = l10n.t('Leave All');

/** `text` in the place of a range of the document; those of one `sentence` belong together. */
export interface Change {
  range: Range;
  text: string;
  sentence: number;
}

/** A change by its offsets in the text as it is now. */
interface Pending {
  start: number;
  end: number;
  text: string;
  sentence: number;
}

export class Corrections implements Disposable, TextDocumentContentProvider {
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registered: Disposable;
  private readonly texts = new Map<string, string>();
  private opened = 0;

  constructor() {
    this.registered = Disposable.from(workspace.registerTextDocumentContentProvider(SCHEME, this), this.changed);
  }

  /** Show `changes` of `document`, which are in its order, and make those that are chosen. */
  async offer(document: TextDocument, changes: Change[]): Promise<void> {
    let version = document.version;
    let left: Pending[] = changes.map(({ range, text, sentence }) => {
      return { start: document.offsetAt(range.start), end: document.offsetAt(range.end), text, sentence };
    });
    const uri = Uri.from({ scheme: SCHEME, path: document.uri.path, query: `${++this.opened}` });
    this.texts.set(uri.toString(), corrected(document.getText(), left));
    const title = isBox(document)
      ? l10n.t('Changes of the Commit Message')
      : l10n.t('Changes of {0}', document.uri.path.split('/').pop() ?? '');
    // By its name VS Code would take the text of a notebook's cell for the notebook's file.
    await languages.setTextDocumentLanguage(await workspace.openTextDocument(uri), document.languageId);
    await commands.executeCommand('vscode.diff', document.uri, uri, title, { preview: true });
    while (left.length) {
      const chosen = await window.showInformationMessage(question(document, left), ALL, SENTENCE, LEAVE_SENTENCE, LEAVE_ALL);
      if (!chosen || chosen === LEAVE_ALL) {
        break;
      }
      const { sentence } = left[0] as Pending;
      const of = chosen === ALL ? left : left.filter((change) => change.sentence === sentence);
      if (chosen !== LEAVE_SENTENCE) {
        if (document.isClosed || document.version !== version || !(await make(document, of))) {
          void window.showWarningMessage(l10n.t('Shadowpen: The text changed, so the changes were discarded.'));
          break;
        }
        version = document.version;
      }
      left = without(left, of, chosen !== LEAVE_SENTENCE);
      this.texts.set(uri.toString(), corrected(document.getText(), left));
      this.changed.fire(uri);
    }
    await this.close(uri);
    await (isBox(document) && commands.executeCommand(FOCUS_BOX));
  }

  private async close(uri: Uri): Promise<void> {
    this.texts.delete(uri.toString());
    const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
    await window.tabGroups.close(
      tabs.filter(({ input }) => input instanceof TabInputTextDiff && input.modified.toString() === uri.toString()),
    );
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  dispose(): void {
    this.registered.dispose();
  }
}

/** How many there are, and what the sentence is about that comes next. */
function question(document: TextDocument, left: Pending[]): string {
  const { sentence } = left[0] as Pending;
  const next = left
    .filter((change) => change.sentence === sentence)
    .map(({ start, end, text }) => {
      const old = document.getText(new Range(document.positionAt(start), document.positionAt(end)));
      return old && text ? `${old} → ${text}` : old ? l10n.t('without “{0}”', old) : `+ ${text}`;
    })
    .join(', ');
  const short = next.length <= SHOWN ? next : `${next.slice(0, SHOWN - 1)}…`;
  return left.length === 1
    ? l10n.t('Shadowpen: 1 change. Next: {0}', short)
    : l10n.t('Shadowpen: {0} changes. Next: {1}', left.length, short);
}

function corrected(text: string, changes: Pending[]): string {
  return changes.reduceRight((made, { start, end, text: by }) => made.slice(0, start) + by + made.slice(end), text);
}

/** In one step of undo; false where VS Code does not make it. */
function make(document: TextDocument, changes: Pending[]): Thenable<boolean> {
  const edit = new WorkspaceEdit();
  for (const { start, end, text } of changes) {
    edit.replace(document.uri, new Range(document.positionAt(start), document.positionAt(end)), text);
  }
  return workspace.applyEdit(edit);
}

/** What is left behind `done`, moved to where it stands if those were `made`. */
function without(left: Pending[], done: Pending[], made: boolean): Pending[] {
  return left
    .filter((change) => !done.includes(change))
    .map((change) => {
      const moved = made
        ? done.filter(({ start }) => start < change.start).reduce((sum, { start, end, text }) => sum + text.length - (end - start), 0)
        : 0;
      return { ...change, start: change.start + moved, end: change.end + moved };
    });
}

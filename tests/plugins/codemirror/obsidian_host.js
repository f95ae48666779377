/** Of Obsidian what the plug-in calls: a plug-in's life, settings in memory, notices, and an editor over CodeMirror. */
import * as state from '@codemirror/state';
import * as view from '@codemirror/view';

const extensions = [];
const commands = {};
globalThis.notices = [];

class Plugin {
  async loadData() {
    return globalThis.stored;
  }
  async saveData(data) {
    globalThis.stored = data;
  }
  registerEditorExtension(extension) {
    extensions.push(extension);
  }
  addSettingTab() {}
  addCommand(command) {
    commands[command.id] = command;
  }
}

class Notice {
  constructor(message) {
    globalThis.notices.push(message);
  }
}

class PluginSettingTab {}
const moment = { locale: () => globalThis.locale ?? 'en' };
class Setting {}

async function requestUrl(request) {
  const { status, text } = await globalThis.requested(request);
  return { status, text, json: JSON.parse(text) };
}

const modules = {
  obsidian: { Plugin, Notice, PluginSettingTab, Setting, moment, requestUrl },
  '@codemirror/state': state,
  '@codemirror/view': view,
};

/** The methods of Obsidian's Editor that the plug-in uses. */
function editorOver(cm) {
  const place = (offset) => {
    const line = cm.state.doc.lineAt(offset);
    return { line: line.number - 1, ch: offset - line.from };
  };
  const offset = ({ line, ch }) => cm.state.doc.line(line + 1).from + ch;
  return {
    cm,
    getCursor: (side) => place(side === 'from' ? cm.state.selection.main.from : cm.state.selection.main.head),
    getValue: () => cm.state.doc.toString(),
    getRange: (from, to) => cm.state.sliceDoc(offset(from), offset(to)),
    getSelection: () => cm.state.sliceDoc(cm.state.selection.main.from, cm.state.selection.main.to),
    replaceSelection: (text) => cm.dispatch(cm.state.replaceSelection(text)),
  };
}

globalThis.names = () => Object.values(commands).map(({ name }) => name);

globalThis.startPlugin = async (script, stored) => {
  globalThis.stored = stored;
  const module = { exports: {} };
  new Function('module', 'exports', 'require', script)(module, module.exports, (name) => modules[name]);
  const plugin = new module.exports.default();
  await plugin.onload();
  const cm = new view.EditorView({ parent: document.body, extensions });
  globalThis.command = (id) => commands[id].editorCallback(editorOver(cm));
  globalThis.openNote = (text, anchor) => {
    cm.dispatch({ changes: { from: 0, to: cm.state.doc.length, insert: text }, selection: { anchor } });
  };
  globalThis.selected = () => editorOver(cm).getSelection();
  globalThis.change = (settings) => plugin.change(settings);
};

/**
 * The container that JupyterLab loads an extension from: `init` and `get`, as webpack's module federation asks of one
 * (https://webpack.js.org/concepts/module-federation). What JupyterLab has of CodeMirror and of itself is taken from it
 * there, since two copies of CodeMirror cannot work in one editor. Knows nothing of what the extension does.
 */
import { offer, type SharedModules } from './shared_modules';

const page = globalThis as { _JUPYTERLAB?: Record<string, object> };
let offered: SharedModules = {};

page._JUPYTERLAB ??= {}; // the first extension makes it
page._JUPYTERLAB['shadowpen'] = {
  init(modules: SharedModules): void {
    offered = modules;
  },

  async get(name: string): Promise<() => unknown> {
    if (name !== './extension') {
      throw new Error(`Shadowpen has no module ${name}.`);
    }
    await offer(offered);
    const extension = await import('./main'); // runs now, when what it imports is there
    return () => ({ __esModule: true, default: extension.default });
  },
};

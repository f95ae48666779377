/**
 * Builds what is shipped of the extension: the script of the page `shadowpen open` shows to write on, and the plug-ins for
 * Obsidian and JupyterLab, which bring CodeMirror themselves. The same sources give the same bytes.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';

const PAGES = '../../daemon/shadowpen/daemon/cli/desktop/static';
const common = { bundle: true, target: 'es2022', minify: true, legalComments: 'none', metafile: true };

const { metafile } = await build({
  ...common,
  entryPoints: ['pages/write.ts'],
  outfile: `${PAGES}/write.js`,
  format: 'iife',
});

await build({
  ...common,
  entryPoints: ['../obsidian/src/main.ts'],
  outfile: '../obsidian/main.js',
  format: 'cjs',
  external: ['obsidian', '@codemirror/*'],
});

/** Has imports of JupyterLab's own modules read what it shares when the extension is loaded. */
const fromJupyterLab = {
  name: 'from-jupyterlab',
  setup(plugins) {
    plugins.onResolve({ filter: /^@(codemirror|jupyterlab)\// }, ({ path }) => ({ path, namespace: 'jupyterlab' }));
    plugins.onLoad({ filter: /./, namespace: 'jupyterlab' }, ({ path }) => ({
      contents: `module.exports = require('./shared_modules').sharedModule(${JSON.stringify(path)});`,
      resolveDir: resolve('../jupyterlab/src'),
    }));
  },
};

await build({
  ...common,
  entryPoints: ['../jupyterlab/src/container.ts'],
  outfile: '../jupyterlab/static/remoteEntry.js',
  format: 'iife',
  plugins: [fromJupyterLab],
});

/** The folders of the packages that the page's script holds code of, each once, in the order of their names. */
const packages = [
  ...new Set(Object.keys(metafile.inputs).flatMap((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? [])),
].sort();

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
  if (!file) {
    throw new Error(`${name} has no licence file, so it may not be shipped.`);
  }
  return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, 'utf8').replaceAll('\r\n', '\n').trim()}\n`;
}

writeFileSync(`${PAGES}/third-party-licenses.txt`, packages.map(licence).join(`\n${'-'.repeat(80)}\n\n`));

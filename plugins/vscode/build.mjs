/**
 * Builds what is shipped of the extension: `dist/extension.js`, the licences of the packages in it, and the checksums
 * by which a machine without node sees whether they belong to the sources. The same sources give the same bytes.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const BUNDLE = 'dist/extension.js';
const LICENCES = 'dist/third-party-licenses.txt';
const CHECKSUMS = 'dist/SHA256SUMS';

const { metafile } = await build({
  entryPoints: ['src/extension.ts'],
  outfile: BUNDLE,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode'],
  minify: true,
  legalComments: 'none', // they stand in LICENCES
  metafile: true,
});

/** The folders of the packages that the bundle holds code of, each once, in the order of their names. */
const packages = [
  ...new Set(
    Object.keys(metafile.inputs).flatMap((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []),
  ),
].sort();

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
  if (!file) {
    throw new Error(`${name} has no licence file, so it may not be shipped.`);
  }
  const text = readFileSync(`${folder}/${file}`, 'utf8').replaceAll('\r\n', '\n').trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

writeFileSync(LICENCES, packages.map(licence).join(`\n${'-'.repeat(80)}\n\n`));

const typescript = readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.ts'));
const sources = ['build.mjs', 'package-lock.json', 'tsconfig.json', ...typescript.map((name) => `src/${name}`).sort()];
const sum = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
const sums = [...sources, BUNDLE, LICENCES].map((path) => `${sum(path)}  ${path}\n`);
writeFileSync(CHECKSUMS, sums.join(''));

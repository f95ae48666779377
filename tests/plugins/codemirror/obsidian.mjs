/**
 * The plug-in for Obsidian in a stand-in for its host: real CodeMirror in a real browser, and of Obsidian itself what the
 * plug-in calls. Requests go out from here, as Obsidian's do from its main process.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ghost, given, tell, text, withPage } from './browser.mjs';

const { build } = await import(createRequire(`${given.plugin}/package.json`).resolve('esbuild'));
const host = await build({
  stdin: { contents: readFileSync(new URL('obsidian_host.js', import.meta.url), 'utf8'), resolveDir: given.plugin },
  bundle: true,
  write: false,
  format: 'iife',
});

await withPage(async (page) => {
  await page.exposeFunction('requested', async ({ url, method, headers, contentType, body }) => {
    const answer = await fetch(url, { method, headers: { ...headers, 'Content-Type': contentType }, body });
    return { status: answer.status, text: await answer.text() };
  });
  await page.addScriptTag({ content: host.outputFiles[0].text });
  await page.evaluate(({ script, stored }) => globalThis.startPlugin(script, stored), {
    script: readFileSync(given.script, 'utf8'),
    stored: { port: given.port, token: given.token },
  });
  await page.locator('.cm-content').click();

  await page.keyboard.type('One two.');
  tell({ step: 'drawn', ghost: await ghost(page), text: await text(page) });
  await page.keyboard.press('Tab');
  tell({ step: 'accepted', text: await text(page) });

  await page.evaluate(() => globalThis.change({ ghostText: false }));
  await page.keyboard.type('!');
  await page.evaluate(() => globalThis.command('suggest'));
  tell({ step: 'asked', ghost: await ghost(page) });
  await page.keyboard.press('Escape');

  await page.keyboard.press('Control+a');
  await page.keyboard.type('ferry late');
  await page.keyboard.press('Control+a');
  await page.waitForFunction(() => globalThis.selected() === 'ferry late');
  await page.evaluate(() => globalThis.command('expand'));
  tell({ step: 'expanded', text: await text(page) });

  const before = await text(page);
  const halved = `${'🐱'.repeat(4500)}.`; // cut within a character
  await page.evaluate((note) => globalThis.openNote(note, note.length), halved);
  await page.evaluate(() => globalThis.command('suggest'));
  await page.waitForFunction(() => globalThis.notices.length || document.querySelector('.cm-shadowpen-ghost'));
  tell({ step: 'halved', told: await page.evaluate(() => globalThis.notices.splice(0)) });

  const told = await page.evaluate(async () => {
    globalThis.openNote('One two.', 8);
    const writing = globalThis.command('continue');
    globalThis.openNote('Another.', 8); // in the same pane
    await writing;
    return globalThis.notices.splice(0);
  });
  tell({ step: 'another note', text: await text(page), told });
  await page.evaluate((note) => globalThis.openNote(note, note.length), before);

  await page.evaluate(() => globalThis.change({ token: 'wrong' }));
  await page.evaluate(() => globalThis.command('continue'));
  await page.evaluate(() => globalThis.command('continue'));
  await page.evaluate(() => globalThis.change({ token: '' }));
  await page.evaluate(() => globalThis.command('continue'));
  tell({ step: 'refused', text: await text(page), notices: await page.evaluate(() => globalThis.notices) });

  const chinese = await page.evaluate(async (script) => {
    globalThis.locale = 'zh-cn';
    globalThis.notices.length = 0;
    await globalThis.startPlugin(script, { token: '' });
    await globalThis.command('expand');
    await globalThis.command('continue');
    return { notices: globalThis.notices, names: globalThis.names() };
  }, readFileSync(given.script, 'utf8'));
  tell({ step: 'chinese', ...chinese });
});

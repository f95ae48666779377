/**
 * What the extension writes in a Chinese VS Code: the tooltip and the menu of the status bar, its commands, the first
 * steps. Prints one JSON line: {tooltip, menu, palette, steps}.
 */
import { Servers, Window } from './workbench.mjs';

const START_MS = 240_000; // on a busy machine
const ROWS = '.quick-input-list .monaco-list-row';

const given = JSON.parse(process.env.SHADOWPEN_SCENARIO);
const servers = await Servers.listen(given.socket);
const browser = await Window.browser(given.chromium, given.playwright);
const window = await Window.open(browser, given.base, given.folder, 'text.md');
const { page } = window;
await page.setViewportSize({ width: 1000, height: 800 }); // for all of the menu

const shot = (name) => page.screenshot({ path: `${given.shots}/chinese-${name}.png` });

async function rows() {
    await page.locator(ROWS).first().waitFor();
    return page.locator(ROWS).allTextContents();
}

await servers.next('textDocument/didOpen', 0, undefined, START_MS).catch(async (error) => {
    await shot('start');
    throw error;
});
servers.notify('shadowpen/status', { state: 'ready', message: '', hint: '', model: 'scripted@1' });
await page.waitForSelector('.statusbar-item .codicon-edit');

await window.statusItem('Shadowpen').hover();
await page.locator('.workbench-hover').waitFor();
const tooltip = await page.locator('.workbench-hover').textContent();

await window.statusItem('Shadowpen').click();
const menu = await rows();
await shot('menu');
await window.press('ArrowUp'); // to the last entry
await page.locator(ROWS, { hasText: '设置' }).waitFor();
menu.push(...(await rows()));
await window.press('Escape');

await window.press('F1');
await page.waitForSelector('.quick-input-widget input');
await window.type('Shadowpen: 续写');
await page.locator(ROWS, { hasText: '续写' }).first().waitFor();
const palette = await rows();
await shot('palette');
await window.press('Escape');

await window.command('Shadowpen: 显示入门步骤');
const walkthrough = page.locator('.gettingStartedContainer');
await walkthrough.locator('.step-title').first().waitFor();
await walkthrough.locator('.step-title', { hasText: '接受灰色文字' }).first().waitFor();
await shot('steps');
const steps = await walkthrough.textContent();
console.log(JSON.stringify({ tooltip, menu, palette, steps }));
await browser.close();
process.exit();

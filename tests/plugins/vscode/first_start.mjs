/**
 * The first start without a terminal: the question, "Not Now", the menu as the way back, the installation with its
 * progress, ghost text. Prints one JSON line: {said, menu, ms}. The server that is installed is a stand-in.
 */
import { writeFileSync } from 'node:fs';
import { Servers, Window } from './workbench.mjs';

const MESSAGE = '.notification-list-item';
const INSTALL_MS = 240_000;

const given = JSON.parse(process.env.SHADOWPEN_SCENARIO);
const servers = await Servers.listen(given.socket);
const browser = await Window.browser(given.chromium, given.playwright);
const window = await Window.open(browser, given.base, given.folder, 'text.md');
const { page } = window;
const begun = performance.now();

await window.shows(MESSAGE, 'Shadowpen is not installed on this machine yet.', INSTALL_MS);
const said = await page.locator(`${MESSAGE}-message`).first().textContent();
await page.locator(`${MESSAGE} .monaco-button`, { hasText: 'Not Now' }).click();
await page.locator(MESSAGE).waitFor({ state: 'detached' });

await window.statusItem('Shadowpen').click();
await page.locator('.quick-input-list .monaco-list-row').first().waitFor();
const menu = await page.locator('.quick-input-list .monaco-list-row').allTextContents();
await window.choose('Install Shadowpen');
await window.shows(MESSAGE, 'getting the model, part 1: 40%', INSTALL_MS);
writeFileSync(given.seen, '');
await window.shows(MESSAGE, 'Shadowpen is installed.', INSTALL_MS);
await servers.next('textDocument/didOpen', 0, undefined, INSTALL_MS);
servers.notify('shadowpen/status', { state: 'ready', message: '', hint: '', model: 'scripted@1' });
await page.waitForSelector('.statusbar-item .codicon-edit');
await window.dismissMessages();
await page.click('.monaco-editor .view-lines');
await window.type('The quick');
await window.ghostIs(' brown fox.');
console.log(JSON.stringify({ said, menu, ms: Math.round(performance.now() - begun) }));
await browser.close();
process.exit();

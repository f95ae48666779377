/**
 * The first start without a terminal: the question, "Not Now", the menu as the way back, the installation with its
 * progress, ghost text. Then the extension brings a newer server, and installs it after one more question. Prints one
 * JSON line: {said, menu, offered, later, ms}. The servers that are installed are stand-ins.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { Servers, Window } from './workbench.mjs';

const MESSAGE = '.notification-list-item';
const INSTALL_MS = 240_000;

const given = JSON.parse(process.env.SHADOWPEN_SCENARIO);
const servers = await Servers.listen(given.socket);
const browser = await Window.browser(given.chromium, given.playwright);
const window = await Window.open(browser, given.base, given.folder, 'text.md');
const { page } = window;
const begun = performance.now();

/** Until a server has the document, behind the first `from` events; it says that it is ready. */
async function started(from) {
    await servers.next('textDocument/didOpen', from, undefined, INSTALL_MS);
    servers.notify('shadowpen/status', { state: 'ready', message: '', hint: '', model: 'scripted@1' });
    await page.waitForSelector('.statusbar-item .codicon-edit');
}

/** The entries of the menu in the status bar. */
async function entries() {
    await window.statusItem('Shadowpen').click();
    await page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    return page.locator('.quick-input-list .monaco-list-row').allTextContents();
}

await window.shows(MESSAGE, 'Shadowpen is not installed on this machine yet.', INSTALL_MS);
const said = await page.locator(`${MESSAGE}-message`).first().textContent();
await page.locator(`${MESSAGE} .monaco-button`, { hasText: 'Not Now' }).click();
await page.locator(MESSAGE).waitFor({ state: 'detached' });

const menu = await entries();
await window.choose('Install Shadowpen');
await window.shows(MESSAGE, 'downloading the model, part 1: 40%', INSTALL_MS);
writeFileSync(given.seen, '');
await window.shows(MESSAGE, 'Shadowpen is installed.', INSTALL_MS);
await started(0);
await window.dismissMessages();
await page.click('.monaco-editor .view-lines');
await window.type('The quick');
await window.ghostIs(' brown fox.');
await window.press('Control+S');
await page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
const ms = Math.round(performance.now() - begun);

rmSync(given.server, { recursive: true });
renameSync(given.newer, given.server);
const old = servers.events.length;
await window.show(given.base, given.folder, 'text.md');
await window.shows(MESSAGE, 'Update Shadowpen?', INSTALL_MS);
const offered = await page.locator(`${MESSAGE}-message`).first().textContent();
await started(old);
const before = servers.events.length;
await page.locator(`${MESSAGE} .monaco-button`, { hasText: 'Update' }).click();
await window.shows(MESSAGE, 'Shadowpen is updated to version 10.0.', INSTALL_MS);
await started(before);
const later = await entries();
await window.press('Escape');
await window.dismissMessages();
console.log(JSON.stringify({ said, menu, offered, later, ms }));
await browser.close();
process.exit();

/**
 * Twenty pieces of ghost text are taken in a real VS Code from the real language server: whole, word by word, and after
 * typing along; one more while the daemon is killed. Prints one JSON line for each: {how, typed, taken}. What was taken is
 * read from the saved file. Then notes are expanded, a paragraph is continued, both taken back, and Shadowpen paused and
 * resumed; in the end pictures are taken, if wanted.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import { Window } from './workbench.mjs';

const given = JSON.parse(process.env.SHADOWPEN_SCENARIO);
const browser = await Window.browser(given.chromium, given.playwright);
const window = await Window.open(browser, given.base, given.folder, 'text.md');
const file = `${given.folder}/text.md`;

/** How each piece is taken; returns what of it was typed. */
const ways = {
    async whole() {
        await window.press('Tab');
        return '';
    },
    async 'word by word'() {
        for (let word = 0; word < 2 && (await window.ghost()); word++) {
            const before = await window.ghost();
            await window.press('Control+ArrowRight');
            await window.ghostWhere(`ghost !== ${JSON.stringify(before)}`);
        }
        await window.press('Escape');
        return '';
    },
    async 'typed along'() {
        const typed = (await window.ghost()).slice(0, 3);
        for (const character of typed) {
            await window.type(character);
        }
        await window.ghostWhere('ghost');
        await window.press('Tab');
        return typed;
    },
};

/** What the document holds, as it is on the disk. */
async function saved() {
    await window.press('Control+S');
    await window.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
    return fs.readFile(file, 'utf8');
}

const drawn = () => window.ghostWhere('ghost', given.patienceMs).catch(() => '');

/** Ghost text behind what was written; asked for where the model is not sure enough to show it unasked. */
async function appears() {
    const ghost = await drawn();
    if (!ghost) {
        await window.press('Alt+\\');
    }
    return ghost || drawn();
}

/** An empty document. */
async function clear() {
    await window.press('Escape');
    await window.press('Control+A');
    await window.press('Delete');
}

await window.page.waitForSelector('.statusbar-item .codicon-edit', { timeout: given.startMs });
let done = 0;
for (const beginning of given.beginnings) {
    if (done === given.count) {
        break;
    }
    await window.type(beginning);
    const how = Object.keys(ways)[done % 3];
    const ghost = await appears();
    if (!ghost || (how === 'typed along' && ghost.length < 6)) {
        await clear(); // nothing, or too little to type along
        continue;
    }
    const typed = await ways[how]();
    const content = await saved();
    console.log(JSON.stringify({ how, typed: beginning + typed, taken: content.slice((beginning + typed).length) }));
    done += 1;
    await clear();
}

/** Kills the daemon; ghost text outlives it. */
function kill() {
    process.kill(JSON.parse(execFileSync(given.shadowpen, ['status', '--json'])).pid, 'SIGKILL');
}

/** Write a beginning that ghost text appears behind; those not used yet first. */
async function begin() {
    for (const beginning of given.beginnings.toReversed()) {
        await window.type(beginning);
        if (await appears()) {
            return beginning;
        }
        await clear();
    }
    throw new Error('no ghost text behind any beginning');
}

const beginning = await begin();
kill();
await window.press('Tab');
console.log(JSON.stringify({ how: 'killed', typed: beginning, taken: (await saved()).slice(beginning.length) }));
await clear();

/** In the page: the document as it is drawn, without ghost text. */
function drawnText() {
    const lines = document.querySelector('.view-lines').cloneNode(true);
    lines.querySelectorAll('[class*=ghost-text]').forEach((ghost) => ghost.remove());
    return lines.textContent;
}

/** Put `notes` into the empty document, select them, and have them expanded. */
async function expand(notes) {
    await window.paste(notes);
    await window.page.waitForFunction(`(${drawnText})().length === ${notes.length}`);
    await window.press('Control+A');
    await window.press('Control+Alt+Enter');
    await window.shows('.codelens-decoration', 'Take (Tab)');
}

await expand(given.notes);
await window.press('Tab');
await window.page.locator('.tab', { hasText: 'Expansion' }).waitFor({ state: 'detached' });
const paragraph = await saved();
await window.press('Control+Z');
console.log(JSON.stringify({ how: 'expanded', paragraph, undone: await saved() }));
await clear();

await window.type(given.beginnings[0]);
await window.page.waitForFunction(`(${drawnText})().length === ${given.beginnings[0].length}`);
await window.press('Control+Alt+Enter');
await window.page.waitForFunction(`(${drawnText})().length > ${given.beginnings[0].length}`);
await window.page.waitForSelector('.notification-list-item', { state: 'detached' });
const continued = await saved();
await window.press('Control+Z');
console.log(JSON.stringify({ how: 'continued', typed: given.beginnings[0], continued, undone: await saved() }));
await clear();

await window.statusItem('Shadowpen').click();
await window.choose('Pause for 15 minutes');
await window.page.waitForSelector('.statusbar-item .codicon-debug-pause');
await window.page.click('.monaco-editor .view-lines');
await window.type(given.beginnings[0]);
await window.ghostWhere('!ghost'); // it has stayed so for a moment
await window.command('Shadowpen: Pause or Resume');
await window.page.waitForSelector('.statusbar-item .codicon-edit');
await clear();
console.log(JSON.stringify({ how: 'resumed', typed: await begin() }));
await clear();

if (given.picture) {
    await window.page.setViewportSize({ width: 860, height: 330 });
    await window.press('Control+B');
    await window.page.keyboard.insertText(given.letter.slice(0, -1));
    await window.type(given.letter.slice(-1));
    await appears();
    await window.page.screenshot({ path: given.picture });
    await clear();
    await window.page.setViewportSize({ width: 1000, height: 330 });
    await expand(given.notes);
    await window.page.mouse.move(300, 250); // off the tab, whose name would cover the text
    await window.page.locator('.workbench-hover').waitFor({ state: 'hidden' });
    await window.page.screenshot({ path: given.picture.replace(/(?=\.\w+$)/, '-expansion') });
}
await browser.close();
process.exit();

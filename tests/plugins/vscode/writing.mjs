/**
 * A writer's first quarter of an hour in a real VS Code with the real language server. The first piece of ghost text that
 * is taken brings the question about learning, which is answered. Then pieces are taken: whole, word by word, and after
 * typing along. Ghost text is explained, and one more piece is taken while the daemon is killed. What was taken is read
 * from the saved file. Then ghost text is dismissed, notes are expanded, a paragraph is continued, both taken back, and
 * Shadowpen paused and resumed by its menu. Prints one JSON line for each: {how, typed, taken} and the milliseconds since
 * the one before.
 *
 * Whether there is ghost text is the server's matter, and its answer (relay.py tells it) is what is waited for: where it
 * has none the writing goes on.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import { Servers, Window } from './workbench.mjs';

const MODEL_MS = 60_000; // what the model may take for a text that was asked for, from its start
const INVOKED = 1; // trigger kinds
const AUTOMATIC = 2;

const given = JSON.parse(process.env.SHADOWPEN_SCENARIO);
const servers = await Servers.listen(given.socket);
const browser = await Window.browser(given.chromium, given.playwright);
const window = await Window.open(browser, given.base, given.folder, 'text.md');
const file = `${given.folder}/text.md`;

let told = performance.now();
function tell(what) {
    const now = performance.now();
    console.log(JSON.stringify({ ...what, ms: Math.round(now - told) }));
    told = now;
}

/** How each piece is taken; returns what of it was typed. `behind` is what stands before it on its line. */
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
    async 'typed along'(behind) {
        const typed = (await window.ghost()).slice(0, 3);
        if (await appears(behind + typed, () => window.type(typed))) {
            await window.press('Tab');
        }
        return typed;
    },
};

/** What the document holds, as it is on the disk. */
async function saved() {
    await window.press('Control+S');
    await window.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
    return fs.readFile(file, 'utf8');
}

/** What the server offers behind `line`, by itself or asked for by a key, once `write` has brought the cursor there. */
async function offered(line, triggerKind, write) {
    const from = servers.events.length;
    await write();
    return servers.items(from, ({ position, context }) => {
        return position.character === line.length && context.triggerKind === triggerKind;
    }, MODEL_MS);
}

/** Ghost text behind `line`, asked for where the model is not sure enough to show it unasked; "" where it has none. */
async function appears(line, write = () => window.type(line)) {
    let items = await offered(line, AUTOMATIC, write);
    if (!items.length) {
        await ready(); // else the key is not ours
        items = await offered(line, INVOKED, () => window.press('Alt+\\'));
    }
    if (!items.length) {
        return '';
    }
    return window.ghostWhere('ghost').catch(() => {
        const last = servers.events.slice(-8).map((event) => JSON.stringify(event).slice(0, 400));
        throw new Error(`an answer that is not drawn; last messages:\n${last.join('\n')}`);
    });
}

const ready = () => window.page.waitForSelector('.statusbar-item .codicon-edit', { timeout: given.startMs });

/** An empty document. */
async function clear() {
    await window.press('Control+A');
    await window.press('Delete');
    await window.ghostWhere('!ghost');
}

/** Write a beginning that ghost text appears behind; those not used yet first. */
async function begin() {
    for (const beginning of given.beginnings.toReversed()) {
        if (await appears(beginning)) {
            return beginning;
        }
        await clear();
    }
    throw new Error('no ghost text behind any beginning');
}

/** What is taken before the answer is not kept. */
async function consent() {
    await begin();
    await window.press('Tab');
    const messages = '.notification-list-item';
    await window.shows(messages, 'May Shadowpen keep what you accept', MODEL_MS);
    await window.page.locator(`${messages} .monaco-button`, { hasText: /^Yes$/ }).click();
    await window.shows(messages, 'Learning is on.');
    await window.dismissMessages();
    await window.page.click('.monaco-editor .view-lines');
    await clear();
}

await ready();
await consent();
tell({ how: 'consented' });
let done = 0;
for (const beginning of given.beginnings) {
    if (done === given.count) {
        break;
    }
    const how = Object.keys(ways)[done % 3];
    const ghost = await appears(beginning);
    if (!ghost || (how === 'typed along' && ghost.length < 6)) {
        await clear(); // nothing, or too little to type along
        continue;
    }
    const typed = await ways[how](beginning);
    const content = await saved();
    tell({ how, typed: beginning + typed, taken: content.slice((beginning + typed).length) });
    done += 1;
    await clear();
}

/** What the editor says to "Why This Suggestion?". */
async function explain() {
    await begin();
    await window.command('Shadowpen: Why This Suggestion?');
    const message = window.page.locator('.notification-list-item-message', { hasText: 'Shadowpen' }).first();
    const why = await message.textContent();
    await window.dismissMessages();
    await window.page.click('.monaco-editor .view-lines');
    await clear();
    return why;
}

tell({ how: 'explained', why: await explain() });

/** Kills the daemon; ghost text outlives it. */
function kill() {
    const status = execFileSync(given.shadowpen, ['status', '--json'], { timeout: MODEL_MS });
    process.kill(JSON.parse(status).pid, 'SIGKILL');
}

const beginning = await begin();
kill();
await window.press('Tab');
tell({ how: 'killed', typed: beginning, taken: (await saved()).slice(beginning.length) });
await clear();

/** What is shown unasked behind a beginning whenever it is put there, at one go; it is dismissed, and what comes then. */
async function dismiss() {
    for (const beginning of given.beginnings) {
        const write = () => offered(beginning, AUTOMATIC, () => window.page.keyboard.insertText(beginning));
        const [first] = await write();
        await clear();
        const [item] = first ? await write() : [];
        if (item?.insertText === first?.insertText && item) {
            await window.ghostWhere('ghost');
            const from = servers.events.length;
            await window.press('Escape');
            const { params } = await servers.command('shadowpen.dismiss', from);
            const again = await clear().then(write);
            return { shown: item, told: params.arguments, again };
        }
        await clear();
    }
    throw new Error('nothing was shown twice unasked');
}

tell({ how: 'dismissed', ...(await dismiss()) });
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
    await window.shows('.codelens-decoration', 'Accept (Tab)', MODEL_MS);
}

await expand(given.notes);
await window.press('Tab');
await window.page.locator('.tab', { hasText: 'Expansion' }).waitFor({ state: 'detached' });
const paragraph = await saved();
await window.press('Control+Z');
tell({ how: 'expanded', paragraph, undone: await saved() });
await clear();

await window.type(given.beginnings[0]);
await window.page.waitForFunction(`(${drawnText})().length === ${given.beginnings[0].length}`);
await window.press('Control+Alt+Enter');
const longer = `(${drawnText})().length > ${given.beginnings[0].length}`;
await window.page.waitForFunction(longer, undefined, { timeout: MODEL_MS });
await window.page.waitForSelector('.notification-list-item', { state: 'detached', timeout: MODEL_MS });
const continued = await saved();
await window.press('Control+Z');
tell({ how: 'continued', typed: given.beginnings[0], continued, undone: await saved() });
await clear();

await window.statusItem('Shadowpen').click();
const group = (name) => window.page.locator('.quick-input-list .quick-input-list-separator', { hasText: name });
await group('Ghost text').waitFor();
await window.press('ArrowUp'); // to the last entry
await group('Learning').waitFor();
await window.choose('Pause for 15 minutes');
await window.page.waitForSelector('.statusbar-item .codicon-debug-pause');
await window.page.click('.monaco-editor .view-lines');
const paused = await offered(given.beginnings[0], AUTOMATIC, () => window.type(given.beginnings[0]));
await window.command('Shadowpen: Pause or Resume');
await ready();
await clear();
tell({ how: 'resumed', paused, typed: await begin() });
await clear();
await browser.close();
process.exit();

/**
 * What a writer does in VS Code, step by step, against the scripted language server. Prints one JSON line a step:
 * {step, ms, error}; ends with the first step that fails. The table of ghost texts is in test_scenario.py.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { Servers, Window } from './workbench.mjs';

const given = JSON.parse(process.env.SHADOWPEN_SCENARIO);
const servers = await Servers.listen(given.socket);
const browser = await Window.browser(given.chromium, given.playwright);
const uri = (name) => `file://${given.folder}/${name}`;
const fox = ' brown fox, jumps over the lazy dog.';
const scheme = 'shadowpen-expansion'; // of the preview
const bees = 'Bees: busy 🐝, clover, 3 fields.';
const paragraphs = [
    'Bees are busy all day, and the clover of three fields is not too much for them.',
    'There is clover in the fields.',
    'The bees 🐝 are busy in the clover.\n\nThere are 3 fields of it.',
];
let window;
let failed = false;

async function step(name, run) {
    if (failed) {
        return;
    }
    const begun = performance.now();
    let error = null;
    let more = {};
    try {
        more = (await run(servers.events.length)) ?? {};
    } catch (failure) {
        failed = true;
        error = failure.message;
        await window?.page.screenshot({ path: `${given.shots}/${name.replaceAll(' ', '-')}.png` }).catch(() => {});
    }
    console.log(JSON.stringify({ step: name, ms: Math.round(performance.now() - begun), error, ...more }));
}

/** An empty document, and nothing drawn. */
async function clear() {
    await window.press('Escape');
    await window.ghostIs(''); // the command of that key takes its time, and would hide the next one
    await window.press('Control+A');
    await window.press('Delete');
    if (servers.document !== '') {
        await servers.text('');
    }
    await window.ghostIs('');
}

/** Until the server is ready and the status bar says so: then VS Code knows that it gives ghost text. */
async function ready() {
    servers.notify('shadowpen/status', { state: 'ready', message: '', hint: '', model: 'scripted@1' });
    await window.page.waitForSelector('.statusbar-item .codicon-edit');
}

/** Show a document and wait until it is in focus, which it may have been before. */
async function open(name) {
    await servers.ask('window/showDocument', { uri: uri(name), takeFocus: true });
    await servers.focused(uri(name));
}

/** The server comes to know commands; the editor is told. */
function announce(...commands) {
    const registration = { id: commands[0], method: 'workspace/executeCommand', registerOptions: { commands } };
    return servers.ask('client/registerCapability', { registrations: [registration] });
}

/** The next request for ghost text of a kind (1: by a key, 2: by itself). */
const asked = (triggerKind, from) =>
    servers.next('textDocument/inlineCompletion', from, ({ context }) => context.triggerKind === triggerKind);

/** Ghost texts at `position`, each with an id of its own. */
function items(position, texts) {
    const range = { start: position, end: position };
    return texts.map((text, rank) => {
        const command = { title: 'accepted', command: 'shadowpen.accept', arguments: [`choice-${rank}`, text] };
        return { insertText: text, range, command };
    });
}

/** Several ghost texts at the place that `request` asks for. */
function offer({ message: { id, params } }, texts) {
    servers.reply({ id }, { items: items(params.position, texts) });
}

/** Ghost texts are asked for behind "choose"; the first is drawn, and by `presses` the next ones. */
async function choice(texts, presses = 0) {
    const from = servers.events.length;
    await window.type('choose');
    offer(await asked(2, from), []);
    await window.press('Alt+\\');
    offer(await asked(1, from), texts);
    await window.ghostIs(texts[0]);
    for (let next = 1; next <= presses; next++) {
        await window.press('Alt+]');
        await window.ghostIs(texts[next]);
    }
}

/** A selection of all the text, which is `notes`, is to be expanded; the request. */
async function expand(notes) {
    await clear();
    await window.paste(notes);
    await servers.wait(() => servers.document.replaceAll('\r', '') === notes, 'the notes');
    const from = servers.events.length;
    await window.press('Control+A');
    await window.press('Control+Alt+Enter');
    return servers.command('shadowpen.expand', from);
}

function writes(asked, message) {
    servers.notify('$/progress', { token: asked.params.workDoneToken, value: { kind: 'report', message } });
    return window.readsAlong(scheme, message);
}

function expanded(asked, candidates, reason = '') {
    const missing = candidates.map((text) => (text.includes('bees') ? [] : ['bees', 'busy']));
    servers.reply(asked, { applied: false, candidates, missing, version: 1, reason });
}

const previewGone = () => window.page.locator('.tab', { hasText: 'Expansion' }).waitFor({ state: 'detached' });
const lens = (text) => window.shows('.codelens-decoration', text);

/** The server is told twice, as protocols want, that nobody waits for `asked`; it answers neither. */
async function cancelled(asked, from) {
    await servers.next('$/cancelRequest', from, ({ id }) => id === asked.id);
    await servers.next('window/workDoneProgress/cancel', from, ({ token }) => token === asked.params.workDoneToken);
    await window.page.waitForSelector('.notification-list-item', { state: 'detached' });
}

const accepted = (from) => servers.command('shadowpen.accept', from).then((message) => message.params.arguments);
const partial = (from) =>
    servers.next('textDocument/didPartiallyAcceptCompletion', from).then((event) => event.message.params);

await step('the server starts with the document', async () => {
    window = await Window.open(browser, given.base, given.folder, 'text.md');
    const opened = await servers.next('textDocument/didOpen', 0, undefined, 60_000);
    assert.equal(opened.message.params.textDocument.uri, uri('text.md'));
    await ready();
    const focus = await servers.next('textDocument/didFocus', 0);
    assert.equal(focus.message.params.textDocument.uri, uri('text.md'));
});

await step('a workspace only restricts', async () => {
    // .vscode/settings.json names a program, a language, and an exclusion; the writer's own settings another exclusion.
    const { initializationOptions } = servers.all('initialize')[0].message.params;
    assert.deepEqual(initializationOptions, {
        enabled: true,
        languagesOff: ['typst'],
        exclude: ['diary/', 'drafts/'],
        deadlineMs: 200,
        singleLine: false,
        grammar: true,
    });
    const pulled = await servers.ask('workspace/configuration', {
        items: [{ section: 'shadowpen' }, { section: 'editor' }],
    });
    assert.deepEqual(pulled.result, [initializationOptions, null]);
});

await step('ghost text is drawn and is not in the document', async () => {
    await window.type('The quick');
    await window.ghostIs(fox);
    assert.equal(servers.document, 'The quick');
});

await step('typing along keeps it', async () => {
    const seen = await window.watch(() => window.type(' bro'));
    await servers.text('The quick bro');
    await window.ghostIs('wn fox, jumps over the lazy dog.');
    for (const ghost of seen) {
        assert.ok(fox.endsWith(ghost) && ghost, `it was ${JSON.stringify(ghost)} meanwhile`);
    }
});

await step('a key takes a whole prose word and tells the server', async () => {
    for (const [text, taken] of [
        ['The quick brown', 'wn'],
        ['The quick brown fox,', ' fox,'],
        ['The quick brown fox, jumps', ' jumps'],
    ]) {
        const from = servers.events.length;
        await window.press('Control+ArrowRight');
        await servers.text(text);
        const { item, acceptedLength } = await partial(from);
        const reported = item.insertText.slice(0, acceptedLength); // from where that item begins
        assert.ok(reported.endsWith(taken.trim()) && text.endsWith(reported), reported);
        assert.equal(item.command.arguments[0], 'ghost-0');
        assert.deepEqual(item.range.start, item.range.end);
        await window.ghostIs(fox.slice(text.length - 'The quick'.length));
    }
});

await step('tab takes the rest', async (from) => {
    await window.press('Tab');
    await servers.text('The quick' + fox);
    assert.equal((await accepted(from))[0], 'ghost-0');
    await window.ghostIs('');
});

await step('undo takes back only what was taken, a word at a time', async () => {
    for (const text of ['The quick brown fox, jumps', 'The quick brown fox,', 'The quick brown', 'The quick bro']) {
        await window.press('Control+Z');
        await servers.text(text);
    }
    await clear();
});

await step('a held word key takes word after word', async () => {
    await window.type('The quick');
    await window.ghostIs(fox);
    await Promise.all([1, 2, 3].map(() => window.press('Control+ArrowRight')));
    await servers.text('The quick brown fox, jumps');
    await clear();
});

await step('the word key ends with the ghost text and accepts it', async (from) => {
    await window.type('Two');
    await window.ghostIs(' words.');
    await window.press('Control+ArrowRight');
    await servers.text('Two words.');
    assert.equal((await accepted(from))[0], 'ghost-5');
    assert.equal(servers.all('textDocument/didPartiallyAcceptCompletion', from).length, 0);
    await window.press('Control+ArrowRight'); // no ghost: the key is VS Code's own again
    await window.type('!');
    await servers.text('Two words.!');
    await clear();
});

await step('several lines', async (from) => {
    await window.type('Dear Mrs');
    await window.ghostIs(' Smith,\nThank you for your letter.');
    await window.press('Control+ArrowRight');
    await servers.text('Dear Mrs Smith,');
    await window.press('Control+ArrowRight');
    await servers.text('Dear Mrs Smith,\n\nThank');
    await window.press('Tab');
    await servers.text('Dear Mrs Smith,\n\nThank you for your letter.');
    assert.equal((await accepted(from))[0], 'ghost-1');
    await clear();
});

await step('a key takes a sentence', async (from) => {
    await window.type('Dear Mrs');
    await window.ghostIs(' Smith,\nThank you for your letter.');
    await window.press('Alt+ArrowRight');
    await servers.text('Dear Mrs Smith,\n\nThank you for your letter.');
    assert.equal((await accepted(from))[0], 'ghost-1');
    await window.press('Control+Z');
    await servers.text('Dear Mrs');
    await clear();
    const partly = servers.events.length;
    await window.type('He went');
    await window.ghostIs(' home. “Why?” she');
    await window.press('Alt+ArrowRight');
    await servers.text('He went home.');
    assert.equal((await partial(partly)).acceptedLength, ' home.'.length);
    await window.press('Alt+ArrowRight');
    await servers.text('He went home. “Why?”');
    await clear();
});

await step('a key takes a line', async () => {
    await window.type('Dear Mrs');
    await window.ghostIs(' Smith,\nThank you for your letter.');
    await window.press('Control+ArrowDown');
    await servers.text('Dear Mrs Smith,\n');
    await clear();
});

await step('in the middle of a line', async () => {
    await window.type(' and so on.');
    await window.press('Control+Home');
    await window.type('The quick');
    await window.ghostIs(fox);
    await window.press('Control+ArrowRight');
    await servers.text('The quick brown and so on.');
    await window.press('Tab');
    await servers.text(`The quick${fox} and so on.`);
    await clear();
});

await step('inside a word', async () => {
    await window.type('I did recei');
    await window.ghostIs('ve the parcel.');
    await window.press('Control+ArrowRight');
    await servers.text('I did receive');
    await clear();
});

await step('emoji count as UTF-16', async (from) => {
    await window.page.keyboard.insertText('Größe 🐱 ist');
    await window.type(' ');
    await window.ghostIs('grö🐱ßer als 你好.');
    await window.press('Control+ArrowRight');
    await servers.text('Größe 🐱 ist grö🐱ßer');
    assert.equal((await partial(from)).acceptedLength, 'grö🐱ßer'.length);
    await window.ghostIs(' als 你好.');
    await window.press('Tab');
    await servers.text('Größe 🐱 ist grö🐱ßer als 你好.');
    await clear();
});

await step('escape dismisses it and tells the server, a key asks for it', async (from) => {
    await announce('shadowpen.dismiss');
    await window.type('The quick');
    await window.ghostIs(fox);
    await window.press('Escape');
    await window.ghostIs('');
    const dismissed = await servers.command('shadowpen.dismiss', from);
    assert.deepEqual(dismissed.params.arguments, ['ghost-0']);
    const after = servers.events.length;
    await window.press('Escape'); // nothing is drawn: the key is VS Code's own again
    await window.press('Alt+\\');
    await asked(1, after);
    await window.ghostIs(fox);
    await window.type(' bro');
    await window.ghostIs('wn fox, jumps over the lazy dog.');
    await window.press('Escape');
    await servers.command('shadowpen.dismiss', after);
    const names = servers.all('workspace/executeCommand', from).map(({ message }) => message.params.command);
    assert.deepEqual(names, ['shadowpen.dismiss', 'shadowpen.dismiss']);
    await clear();
});

await step('of several that were asked for the one that is chosen is taken', async (from) => {
    await choice([' one, two.', ' other three.', ' last four.'], 2);
    await window.press('Alt+[');
    await window.ghostIs(' other three.');
    await window.press('Tab');
    await servers.text('choose other three.');
    assert.deepEqual(await accepted(from), ['choice-1', ' other three.']);
    assert.equal(servers.all('workspace/executeCommand', from).length, 1);
    await clear();
});

await step('the key pressed again makes it grow', async (from) => {
    await window.type('choose');
    offer(await asked(2, from), []);
    for (const text of [' one, two', ' one, two and three.', ' one, two and three. Four.']) {
        const pressed = servers.events.length;
        await window.press('Alt+\\');
        const request = await asked(1, pressed);
        const { textDocument, position } = request.message.params;
        const grown = text.slice(0, text.lastIndexOf(' '));
        servers.notify('shadowpen/growing', { textDocument, position, items: items(position, [grown]) });
        await window.ghostIs(grown);
        offer(request, [text]);
        await window.ghostIs(text);
    }
    await window.press('Tab');
    await servers.text('choose one, two and three. Four.');
    await clear();
});

await step('of several that begin alike a word of the chosen one is taken', async (from) => {
    await choice([' the man, too.', ' the men went.', ' a man.'], 1);
    await window.press('Control+ArrowRight');
    await servers.text('choose the');
    await window.press('Control+ArrowRight');
    await servers.text('choose the men');
    const { item, acceptedLength } = await partial(from);
    assert.deepEqual([item.command.arguments[0], acceptedLength], ['choice-1', ' the men'.length]);
    await clear();
});

await step('of several the one that is dismissed may be any', async () => {
    await choice([' one, two.', ' other three.'], 1);
    const from = servers.events.length;
    await window.press('Escape');
    const dismissed = await servers.command('shadowpen.dismiss', from);
    assert.deepEqual(dismissed.params.arguments ?? [], []);
    await clear();
});

await step('a request that typing on makes stale is cancelled', async () => {
    await window.type('slowly');
    const { message } = await servers.next('textDocument/inlineCompletion', 0, (_, event) =>
        event.before.endsWith('slowly'),
    );
    await window.type(' x');
    await servers.next('$/cancelRequest', 0, ({ id }) => id === message.id);
    await clear();
});

await step('the paragraph is continued, in one edit', async (from) => {
    await window.type('Bees are busy.');
    await servers.text('Bees are busy.');
    await window.press('Control+Alt+Enter');
    const asked = await servers.command('shadowpen.continue', from);
    assert.deepEqual(asked.params.arguments, [uri('text.md'), { line: 0, character: 14 }]);
    const token = asked.params.workDoneToken;
    servers.notify('$/progress', { token, value: { kind: 'begin', title: 'Continue paragraph', cancellable: true } });
    servers.notify('$/progress', { token, value: { kind: 'report', message: 'They fly' } });
    await window.shows('.notification-list-item', 'They fly');
    const change = servers.all('textDocument/didChange').at(-1).message.params.textDocument;
    const here = asked.params.arguments[1];
    const edits = [{ range: { start: here, end: here }, newText: ' They fly all day.' }];
    const { result } = await servers.ask('workspace/applyEdit', {
        edit: { documentChanges: [{ textDocument: change, edits }] },
    });
    assert.equal(result.applied, true);
    servers.notify('$/progress', { token, value: { kind: 'end', message: 'done' } });
    servers.reply(asked, { applied: true, text: ' They fly all day.', reason: '' });
    await servers.text('Bees are busy. They fly all day.');
    await window.type('!');
    await servers.text('Bees are busy. They fly all day.!'); // the cursor went along
    await window.page.waitForSelector('.notification-list-item', { state: 'detached' });
    assert.equal(
        servers.all('$/cancelRequest', from).filter(({ message }) => message.params.id === asked.id).length,
        0,
    );
    for (const text of ['Bees are busy. They fly all day.', 'Bees are busy.']) {
        await window.press('Control+Z');
        await servers.text(text);
    }
});

await step('a continuation can be cancelled', async (from) => {
    await window.press('Control+Alt+Enter');
    const asked = await servers.command('shadowpen.continue', from);
    await window.page.locator('.notification-list-item .monaco-button', { hasText: 'Cancel' }).click();
    await servers.next('$/cancelRequest', from, ({ id }) => id === asked.id);
    await servers.next('window/workDoneProgress/cancel', from, ({ token }) => token === asked.params.workDoneToken);
    servers.reply(asked, { applied: false, text: null, reason: 'cancelled; nothing was inserted' });
    await window.page.waitForSelector('.notification-list-item', { state: 'detached' });
});

await step('a continuation of a text that changed is dropped', async (from) => {
    await window.page.click('.monaco-editor .view-lines');
    await window.press('Control+Alt+Enter');
    const asked = await servers.command('shadowpen.continue', from);
    await window.press('Control+End');
    await window.type('!');
    await servers.next('$/cancelRequest', from, ({ id }) => id === asked.id);
    servers.reply(asked, { applied: false, text: null, reason: 'cancelled; nothing was inserted' });
    await window.shows('.notification-list-item', 'The text changed');
    await window.dismissMessages();
    await clear();
});

await step('a selection becomes a paragraph that is read along, chosen, taken, and taken back at once', async () => {
    const asked = await expand(bees);
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: bees.length } };
    assert.deepEqual(asked.params.arguments, [uri('text.md'), range, { preview: true, seed: 0, candidates: 3 }]);
    const { workDoneToken: token } = asked.params;
    servers.notify('$/progress', { token, value: { kind: 'begin', title: 'Expand', cancellable: true } });
    await window.shows('.notification-list-item', 'expands the selection');
    await writes(asked, 'Bees are');
    await writes(asked, paragraphs[0].slice(0, -1)); // in more than one line: it wraps
    assert.ok((await window.page.locator(`.monaco-editor[data-uri^="${scheme}:"] .view-line`).count()) > 1);
    await lens('Shadowpen is writing');
    expanded(asked, paragraphs.slice(0, 2));
    await window.readsAlong(scheme, paragraphs[0]);
    await lens('Accept (Tab)');
    await lens('1 of 2');
    await window.page.waitForSelector('.notification-list-item', { state: 'detached' });
    await window.press('Alt+]');
    await window.readsAlong(scheme, paragraphs[1]);
    await lens('2 of 2');
    await lens('without bees, busy');
    const from = servers.events.length;
    await window.press('Alt+]');
    const more = await servers.command('shadowpen.expand', from);
    assert.deepEqual(more.params.arguments, [uri('text.md'), range, { preview: true, seed: 1, candidates: 3 }]);
    expanded(more, paragraphs.slice(2));
    await window.readsAlong(scheme, paragraphs[2].replaceAll('\n', ''));
    await lens('3 of 3');
    assert.equal(servers.document, bees);
    await window.press('Tab');
    await servers.text(paragraphs[2]);
    await previewGone();
    await window.type('!');
    await servers.text(paragraphs[2] + '!'); // the cursor is behind it
    for (const text of [paragraphs[2], bees]) {
        await window.press('Control+Z');
        await servers.text(text);
    }
});

await step('the paragraph that is shown is changed in turns', async () => {
    expanded(await expand(bees), paragraphs.slice(0, 2));
    await window.readsAlong(scheme, paragraphs[0]);
    await lens('Change… (Alt+Enter)');
    let from = servers.events.length;
    await window.press('Alt+Enter');
    await window.choose('Shorter');
    const shorter = await servers.command('shadowpen.expand', from);
    assert.equal(shorter.params.arguments[2].turn, 'shorter');
    assert.equal(shorter.params.arguments[2].shown, paragraphs[0]);
    expanded(shorter, ['Busy bees.']);
    await window.readsAlong(scheme, 'Busy bees.');
    await lens('3 of 3');
    from = servers.events.length;
    await window.lens('Change');
    await window.choose('Mention');
    await window.shows('.quick-input-widget', 'What must it mention?');
    await window.type('the hive');
    await window.press('Enter');
    const mention = await servers.command('shadowpen.expand', from);
    assert.equal(mention.params.arguments[2].turn, 'mention the hive');
    assert.equal(mention.params.arguments[2].shown, 'Busy bees.');
    expanded(mention, [], 'The paragraph mentions that already.');
    await window.shows('.notification-list-item', 'mentions that already');
    await window.readsAlong(scheme, 'Busy bees.');
    await window.lens('Accept');
    await servers.text('Busy bees.');
    await previewGone();
    await window.dismissMessages();
    await clear();
});

await step('corrections are compared first, and made sentence by sentence', async () => {
    const wrong = 'I saw teh sea. It were teh best. Teh end.';
    await clear();
    await window.paste(wrong);
    await servers.text(wrong);
    const from = servers.events.length;
    await window.command('Shadowpen: Correct Spelling and Grammar');
    const asked = await servers.command('shadowpen.verb', from);
    assert.deepEqual(asked.params.arguments.slice(2), ['correct', { preview: true }]);
    const change = (start, end, text, sentence) => {
        const range = { start: { line: 0, character: start }, end: { line: 0, character: end } };
        return { range, text, sentence };
    };
    const changes = [change(6, 9, 'the', 0), change(18, 22, 'was', 1), change(23, 26, 'the', 1), change(33, 36, 'The', 2)];
    servers.reply(asked, { applied: false, changes, reason: '' });
    const button = (name) => window.page.locator('.notification-list-item .monaco-button', { hasText: name }).click();
    await window.shows('.tab', 'Changes of text.md');
    await window.shows('.notification-list-item', '4 changes. Next: teh → the');
    assert.equal(servers.document, wrong);
    await button('Make Next');
    await servers.text('I saw the sea. It were teh best. Teh end.');
    await window.shows('.notification-list-item', '3 changes. Next: were → was, teh → the');
    await button('Skip Next');
    await window.shows('.notification-list-item', '1 change. Next: Teh → The');
    await button('Make All');
    await servers.text('I saw the sea. It were teh best. The end.');
    await window.page.locator('.tab', { hasText: 'Changes of' }).waitFor({ state: 'detached' });
    await open('text.md');
    await clear();
});

await step('an expansion can be cancelled, before and while it is read', async (from) => {
    const early = await expand(bees);
    await window.shows('.notification-list-item', 'expands the selection');
    await window.press('Escape');
    await cancelled(early, from);
    const late = await expand(bees);
    await writes(late, 'Bees are');
    await window.shows('.notification-list-item', 'expands the selection');
    await window.page.locator('.notification-list-item .monaco-button', { hasText: 'Cancel' }).click();
    await cancelled(late, from);
    await previewGone();
    await window.page.click('.monaco-editor .view-lines');
    assert.equal(servers.document, bees);
});

await step('an expansion can be discarded', async () => {
    for (const discard of [
        () => window.press('Escape'),
        () => window.lens('Discard'),
        () => window.page.locator('.tab', { hasText: 'Expansion' }).locator('.codicon-close').click(),
    ]) {
        expanded(await expand(bees), paragraphs);
        await lens('1 of 3');
        await discard();
        await previewGone();
        await window.page.click('.monaco-editor .view-lines');
    }
    const from = servers.events.length;
    await window.press('Control+Home'); // the click may have left the cursor at the end
    await window.press('Control+End');
    await servers.next('textDocument/didFocus', from, ({ position }) => position?.character === bees.length); // so the extension knows that the tab was closed
    await window.press('Tab');
    await servers.wait(() => /\s$/.test(servers.document), 'a tab as ever');
    assert.equal(servers.document.trimEnd(), bees);
});

await step('a text that changed is not replaced, and the paragraph is not lost', async (from) => {
    const asked = await expand(bees);
    await writes(asked, 'Bees are');
    await window.press('ArrowRight');
    await window.type('?');
    await cancelled(asked, from);
    await lens('The text changed');
    await window.lens('Copy');
    await previewGone();
    await window.page.click('.monaco-editor .view-lines');
    await window.press('Control+A');
    await window.press('Control+V');
    await servers.text('Bees are');
    expanded(await expand(bees), paragraphs);
    await lens('1 of 3');
    await window.press('Control+End');
    await window.type('?');
    await lens('The text changed');
    await window.press('Tab');
    await servers.wait(() => /\?\s+$/.test(servers.document), 'a tab as ever');
    const early = await expand(bees);
    await window.type('?');
    await servers.next('$/cancelRequest', from, ({ id }) => id === early.id);
    await window.shows('.notification-list-item', 'The text changed, so its expansion was discarded.');
    await window.dismissMessages();
});

await step('selections that cannot be expanded are refused', async () => {
    const reason = 'Notes can have at most 400 words.';
    const long = 'word '.repeat(5000);
    const asked = await expand(long);
    assert.equal(asked.params.arguments[1].end.character, long.trim().length);
    expanded(asked, [], reason);
    await window.shows('.notification-list-item', reason);
    await window.dismissMessages();
    await previewGone();
    await window.page.click('.monaco-editor .view-lines');
    await clear();
    const from = servers.events.length;
    await window.command('Shadowpen: Expand Selection');
    const empty = await servers.command('shadowpen.expand', from);
    assert.deepEqual(empty.params.arguments[1].start, empty.params.arguments[1].end);
    expanded(empty, [], 'Select the notes first.');
    await window.shows('.notification-list-item', 'Select the notes first.');
    await window.dismissMessages();
    await window.page.click('.monaco-editor .view-lines');
});

await step('one word of a text with Windows line ends, and the blanks around it that stay', async () => {
    await open('notes.md');
    const asked = await expand('\n  Bees \n');
    const range = { start: { line: 1, character: 2 }, end: { line: 1, character: 6 } };
    assert.deepEqual(asked.params.arguments[1], range);
    expanded(asked, paragraphs.slice(2));
    await lens('1 of 1');
    await window.press('Tab');
    const put = `\r\n  ${paragraphs[2].replaceAll('\n', '\r\n')} \r\n`;
    await servers.text(put);
    await window.type('!');
    await servers.text(put.replace('it. ', 'it.! '));
    await clear();
    await open('text.md');
});

await step('a code action expands too', async (from) => {
    const registration = { id: 'actions', method: 'textDocument/codeAction' };
    const registerOptions = { documentSelector: [{ language: 'markdown' }], codeActionKinds: ['refactor.rewrite'] };
    await servers.ask('client/registerCapability', { registrations: [{ ...registration, registerOptions }] });
    await window.page.keyboard.insertText(bees);
    await servers.text(bees);
    await window.press('Control+A');
    await servers.next('textDocument/codeAction', from); // VS Code looks by itself, and so knows the key
    await window.press('Control+Shift+R');
    const { message } = await servers.next('textDocument/codeAction', from, ({ context }) =>
        context.only?.includes('refactor'),
    );
    const title = 'Expand into a paragraph';
    const command = { title, command: 'shadowpen.expand', arguments: [uri('text.md'), message.params.range] };
    servers.reply(message, [{ title, kind: 'refactor.rewrite', command }]);
    await window.shows('.action-widget .monaco-list-row.focused', title);
    await window.press('Enter');
    const asked = await servers.command('shadowpen.expand', from);
    assert.deepEqual(asked.params.arguments[1], message.params.range);
    expanded(asked, paragraphs);
    await window.readsAlong(scheme, paragraphs[0]);
    await window.lens('Accept');
    await servers.text(paragraphs[0]);
    await previewGone();
    await servers.ask('client/unregisterCapability', { unregisterations: [registration] });
    await clear();
});

await step('the status bar tells state, model, training and why not', async () => {
    const tell = (told) => servers.notify('shadowpen/status', { message: '', hint: '', model: 'scripted@1', ...told });
    tell({ state: 'ready', training: { message: 'Step 21 of 50.', fraction: 0.42 } });
    await window.shows('.statusbar-item', '42 %');
    await window.tooltip('Shadowpen', ['Shadowpen: ready (scripted@1)', 'Learning 42 %. Step 21 of 50.']);
    tell({ state: 'ready', training: null });
    await window.page.locator('.statusbar-item', { hasText: '42 %' }).waitFor({ state: 'detached' });
    tell({
        state: 'ready',
        documentState: { uri: uri('text.md'), state: 'inactive', reason: 'The document is over 1 MB.' },
    });
    await window.tooltip('Shadowpen', ['This document: inactive. The document is over 1 MB.']);
    tell({ state: 'ready', documentState: { uri: uri('text.md'), state: 'ready', reason: '' } });
    await window.page.waitForSelector('.statusbar-item .codicon-edit');
});

/** Choose `entry` in the menu of the status bar, which says `told`; the arguments of the command it stands for. */
async function ordered(entry, command, told = '') {
    const from = servers.events.length;
    await window.statusItem('Shadowpen').click();
    await window.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    const said = await window.page.locator('.quick-input-box input').getAttribute('placeholder');
    assert.ok(said.includes(told), said);
    await window.choose(entry);
    const message = await servers.command(command, from);
    return message.params.arguments ?? [];
}

await step('pause', async (from) => {
    await announce('shadowpen.pause', 'shadowpen.resume');
    const paused = { state: 'paused', message: 'Suggestions are paused.', hint: '', model: '' };
    const tomorrow = new Date(Date.now() + 86_400_000);
    tomorrow.setHours(5, 0, 0);
    const day = tomorrow.toLocaleDateString('en', { weekday: 'long' });
    for (const [entry, given, pausedUntil, told] of [
        ['Pause for 15 minutes', 15, new Date().setHours(23, 59) / 1000, 'Resumes at 11:59 PM.'],
        ['Pause for 30 minutes', 30, null, 'Suggestions are paused.'],
        ['Pause for 60 minutes', 60, null, 'Suggestions are paused.'],
        ['Pause until tomorrow', 'tomorrow', tomorrow.getTime() / 1000, `Resumes at 05:00 AM on ${day}.`],
    ]) {
        assert.deepEqual(await ordered(entry, 'shadowpen.pause'), [given]);
        servers.notify('shadowpen/status', { ...paused, pausedUntil });
        await window.page.waitForSelector('.statusbar-item .codicon-debug-pause');
        assert.deepEqual(await ordered('Resume', 'shadowpen.resume', told), []);
        await ready();
    }
    await window.command('Shadowpen: Pause or Resume');
    const toggled = await servers.next('workspace/executeCommand', from, (params) => !params.arguments?.length);
    assert.ok(toggled);
});

await step('ghost text on the key only', async () => {
    await announce('shadowpen.manual');
    assert.deepEqual(await ordered('Turn manual mode on', 'shadowpen.manual'), ['on']);
    const message = 'Ghost text waits for its key.';
    servers.notify('shadowpen/status', { state: 'ready', message, hint: '', model: '', manual: true });
    await window.page.waitForSelector('.statusbar-item .codicon-keyboard');
    assert.deepEqual(await ordered('Turn manual mode off', 'shadowpen.manual', message), ['off']);
    servers.notify('shadowpen/status', { state: 'ready', message: '', hint: '', model: '', manual: false });
    await window.page.waitForSelector('.statusbar-item .codicon-edit');
});

await step('what was taken is rated, and the report asked for', async () => {
    await window.statusItem('Shadowpen').click();
    await window.choose('Show report');
    await window.shows('.notification-list-item', 'is not running or is too old');
    await window.dismissMessages();
    await announce('shadowpen.rate', 'shadowpen.report');
    assert.deepEqual(await ordered('Rate last suggestion: good', 'shadowpen.rate'), ['good']);
    assert.deepEqual(await ordered('Rate last suggestion: bad', 'shadowpen.rate'), ['bad']);
    assert.deepEqual(await ordered('Show report', 'shadowpen.report'), ['here']);
    await announce('shadowpen.why');
    assert.deepEqual(await ordered('Why this suggestion?', 'shadowpen.why'), []);
});

await step('whether to learn is answered', async () => {
    await announce('shadowpen.learn');
    const from = servers.events.length;
    await window.statusItem('Shadowpen').click();
    await window.shows('.quick-input-list .monaco-list-row', 'Pause');
    await window.type('learn');
    await window.choose('Turn learning on or off');
    await window.choose('Keep only what I accept');
    const told = await servers.command('shadowpen.learn', from);
    assert.deepEqual(told.params.arguments, ['on', 'accepted']);
});

await step('a cursor that comes to rest is told, typing is not', async () => {
    const place = async (from) => (await servers.next('textDocument/didFocus', from)).message.params.position;
    await window.page.click('.monaco-editor .view-lines');
    await window.type('Here it');
    await servers.text('Here it');
    let from = servers.events.length;
    await window.press('Home');
    assert.deepEqual(await place(from), { line: 0, character: 0 });
    from = servers.events.length;
    await window.type('And ');
    await servers.text('And Here it');
    await asked(2, from);
    await window.ghostWhere('!ghost'); // the cursor has rested for as long as a jump is told after
    assert.equal(servers.all('textDocument/didFocus', from).length, 0);
    await window.press('End');
    assert.deepEqual(await place(from), { line: 0, character: 11 });
    await clear();
});

await step('focus is told, of prose only', async (from) => {
    await servers.ask('window/showDocument', { uri: uri('data.json'), takeFocus: true });
    await servers.next('textDocument/didFocus', from, (params) => !params.textDocument);
    await window.page.locator('.statusbar-item', { hasText: 'Shadowpen' }).waitFor({ state: 'hidden' });
    assert.equal(
        servers
            .all('textDocument/didOpen')
            .filter((event) => event.message.params.textDocument.uri === uri('data.json')).length,
        0,
    );
    await open('plain.txt');
});

await step('a plain text has no word list in the way', async () => {
    await window.press('Control+End');
    await window.type('wonde');
    await servers.text('wonderful wonders\nwonde');
    await window.ghostIs('r why.');
    assert.equal(await window.page.locator('.suggest-widget.visible').count(), 0);
    await window.press('Tab');
    await servers.text('wonderful wonders\nwonder why.');
});

await step('lines that end with CR LF', async (from) => {
    await open('crlf.md');
    await window.press('Control+End');
    await window.type('Dear Mrs');
    await window.ghostIs(' Smith,\nThank you for your letter.');
    await window.press('Control+ArrowRight');
    await window.press('Control+ArrowRight');
    await servers.text('One.\r\nDear Mrs Smith,\r\n\r\nThank');
    const reports = servers.all('textDocument/didPartiallyAcceptCompletion', from).map((event) => event.message.params);
    await servers.wait(
        () => servers.all('textDocument/didPartiallyAcceptCompletion', from).length === 2,
        'two reports',
    );
    assert.ok(reports.every(({ item, acceptedLength }) => /\S$/.test(item.insertText.slice(0, acceptedLength))));
});

await step('a text changed on disk, and one renamed', async (from) => {
    await open('other.md');
    await fs.writeFile(`${given.folder}/other.md`, 'Written elsewhere.\n');
    await servers.text('Written elsewhere.\n');
    const rename = { kind: 'rename', oldUri: uri('other.md'), newUri: uri('renamed.md') };
    await servers.ask('workspace/applyEdit', { edit: { documentChanges: [rename] } });
    await servers.next('textDocument/didClose', from, ({ textDocument }) => textDocument.uri === uri('other.md'));
    await servers.next('textDocument/didOpen', from, ({ textDocument }) => textDocument.uri === uri('renamed.md'));
    await window.page.click('.monaco-editor .view-lines');
    await window.press('Control+End');
    await window.type('The quick');
    await window.ghostIs(fox);
});

await step('a document renamed under its expansion keeps its text', async () => {
    expanded(await expand(bees), paragraphs);
    await lens('1 of 3');
    const rename = { kind: 'rename', oldUri: uri('renamed.md'), newUri: uri('again.md') };
    await servers.ask('workspace/applyEdit', { edit: { documentChanges: [rename] } });
    await lens('The document was closed or renamed');
    await window.lens('Discard');
    await previewGone();
    assert.equal(servers.document, bees);
});

await step('a document deleted on disk under its ghost text', async () => {
    await clear();
    await window.type('The quick');
    await window.ghostIs(fox);
    await fs.rm(`${given.folder}/again.md`);
    await window.page.waitForSelector('.tab.active .strikethrough');
    await window.ghostIs(fox);
    await window.press('Tab');
    await servers.text('The quick' + fox);
});

await step('from key to drawn ghost', async () => {
    await open('text.md');
    await clear();
    const ms = await window.latencies('q', ' ghost of q', 40);
    await clear();
    return { latencies: ms.map(Math.round) };
});

await step('two windows on one file', async (from) => {
    await window.press('Control+S');
    await servers.next('textDocument/didSave', from);
    const second = await Window.open(browser, given.base, given.folder, 'text.md');
    await servers.next('textDocument/didOpen', from, undefined, 60_000);
    const first = window;
    window = second;
    await ready();
    await window.type('The quick');
    await window.ghostIs(fox);
    await window.press('Tab');
    await servers.text('The quick' + fox);
    assert.equal(new Set(servers.events.map(({ pid }) => pid)).size, 2);
    await window.press('Control+S');
    await servers.next(
        'textDocument/didChange',
        from,
        (_, event) => event.pid === servers.events[0].pid && event.text === 'The quick' + fox,
    );
    await window.page.context().close();
    window = first;
});

await step('a server that dies under ghost text comes back', async () => {
    await window.page.bringToFront();
    await clear();
    await window.type('The quick');
    await window.ghostIs(fox);
    await servers.replaced();
    await ready();
    await window.type(' bro');
    await window.ghostIs('wn fox, jumps over the lazy dog.');
    assert.equal(await window.page.locator('.notification-list-item').count(), 0);
});

await step('one that dies again and again is left alone, and says so', async () => {
    await writes(await expand(bees), 'Bees are');
    await servers.replaced();
    await window.shows('.notification-list-item', 'The language server stopped before it answered.');
    await previewGone();
    await window.dismissMessages();
    await servers.replaced();
    servers.order({ exit: 1 });
    await window.shows('.notification-list-item', 'The language server stopped 4 times in three minutes.');
    await window.page.waitForSelector('.statusbar-item .codicon-warning');
    assert.equal(await window.page.locator('.notification-list-item').count(), 1);
    const from = servers.events.length;
    await window.page.locator('.notification-list-item .monaco-button', { hasText: 'Try Again' }).click();
    await servers.next('textDocument/didOpen', from);
    await ready();
});

await step('a program that is missing is named, once, with what to do; so is one whose Python is', async () => {
    const orphan = `${given.folder}/shadowpen`;
    await fs.writeFile(orphan, '#!/nowhere/python\n', { mode: 0o755 });
    for (const program of ['/nowhere/shadowpen', orphan]) {
        await fs.writeFile(given.machineSettings, JSON.stringify({ 'shadowpen.command': [program, 'lsp'] }));
        await window.shows('.notification-list-item', `'${program}' cannot be run.`);
        await window.shows('.notification-list-item', 'as its README says');
        await window.page.waitForSelector('.statusbar-item .codicon-warning');
        assert.equal(await window.page.locator('.notification-list-item').count(), 1);
        await window.dismissMessages();
    }
    await servers.wait(() => servers.alive === 0, 'the end of the server before');
});

await step('one that ends at once is not started again', async () => {
    await fs.writeFile(given.machineSettings, JSON.stringify({ 'shadowpen.command': ['false'] }));
    await window.shows('.notification-list-item', 'stopped before it was ready');
    assert.equal(await window.page.locator('.notification-list-item').count(), 1);
    await window.dismissMessages();
});

await step('switched off, no server runs', async (from) => {
    await fs.writeFile(given.machineSettings, '{}');
    await servers.next('textDocument/didOpen', from);
    await ready();
    await fs.writeFile(given.workspaceSettings, JSON.stringify({ 'shadowpen.enabled': false }));
    await servers.next('exit', from);
    await servers.wait(() => servers.alive === 0, 'the end of the server');
    await window.page.waitForSelector('.statusbar-item .codicon-circle-slash');
});

await browser.close();
process.exit();

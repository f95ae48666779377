/**
 * Ghost text, expansion and correction where a text is part of something else: in a Markdown cell of a notebook, in the
 * box for a commit's message, and in the message as a file of git's. Against the scripted language server, which has a
 * ghost text for "The quick". Prints a JSON line for each place: {step, ms}.
 */
import assert from 'node:assert/strict';
import { Servers, Window } from './workbench.mjs';

const START_MS = 240_000; // on a busy machine
const KEY_MS = 500; // until the next key
const BEES = 'Bees: busy, clover.';
const PARAGRAPH = 'Bees are busy in the clover.';
const WRONG = 'I saw teh sea.';
const RIGHT = 'I saw the sea.';
const EXPAND = 'Expand into a paragraph';
const CORRECT = 'Correct spelling and grammar';

const given = JSON.parse(process.env.SHADOWPEN_SCENARIO);
const servers = await Servers.listen(given.socket);
const browser = await Window.browser(given.chromium, given.playwright);

/** A text by a part of its address; all that is done in it ends with what its server holds of it. */
class Text {
    constructor(window, servers, part) {
        Object.assign(this, { window, servers, part });
    }

    get held() {
        const ours = this.servers.events.findLast(
            ({ text, message: { params } }) =>
                params?.textDocument?.uri.includes(this.part) && (text ?? params.textDocument.text) !== undefined,
        );
        return ours && (ours.text ?? ours.message.params.textDocument.text);
    }

    async is(text) {
        await this.servers.wait(() => this.held === text, `${JSON.stringify(text)} in ${this.part}`).catch((error) => {
            throw new Error(`${error.message}\nthe text is ${JSON.stringify(this.held)}`);
        });
    }

    async write(text) {
        await this.window.press('Control+A');
        await this.window.press('Delete');
        await this.window.ghostIs('');
        await this.window.type(text);
        await this.is(text);
    }

    /**
     * VS Code makes what asks for ghost text a while after the editor of a cell or a box, and tells nobody: keys typed
     * before are in the text, and no request follows them. So keys are typed until one has a request.
     */
    async awake() {
        const from = this.servers.events.length;
        const here = ({ textDocument }) => textDocument.uri.includes(this.part);
        const next = () => this.servers.next('textDocument/inlineCompletion', from, here, KEY_MS);
        for (const begun = performance.now(); performance.now() - begun < START_MS; ) {
            await this.window.type('x');
            if (await next().catch(() => undefined)) {
                return;
            }
        }
        throw new Error(`no key in ${this.part} has a request for ghost text`);
    }

    /** A word of it is taken, the rest dismissed, asked for again, and taken. */
    async ghostText() {
        const { window, servers } = this;
        await this.awake();
        await this.write('The quick');
        await window.ghostIs(' brown fox.');
        let from = servers.events.length;
        await window.press('Control+ArrowRight');
        await this.is('The quick brown');
        await servers.next('textDocument/didPartiallyAcceptCompletion', from);
        await window.ghostIs(' fox.');
        await window.press('Escape');
        const dismissed = await servers.command('shadowpen.dismiss', from);
        assert.deepEqual(dismissed.params.arguments, ['ghost-0']);
        await window.ghostIs('');
        await window.press('Alt+\\');
        await window.ghostIs(' fox.');
        from = servers.events.length;
        await window.press('Tab');
        await this.is('The quick brown fox.');
        assert.equal((await servers.command('shadowpen.accept', from)).params.arguments[0], 'ghost-0');
    }

    async expansion(ask) {
        const asked = await this.asked(BEES, 'shadowpen.expand', ask);
        this.servers.reply(asked, { applied: false, candidates: [PARAGRAPH], missing: [[]], version: 1, reason: '' });
        await this.window.readsAlong('shadowpen-expansion', PARAGRAPH);
        await this.window.shows('.codelens-decoration', '1 of 1');
        await this.window.press('Tab');
        await this.is(PARAGRAPH);
        await this.window.page.locator('.tab', { hasText: 'Expansion' }).waitFor({ state: 'detached' });
    }

    async correction(ask) {
        const asked = await this.asked(WRONG, 'shadowpen.verb', ask);
        const range = { start: { line: 0, character: 6 }, end: { line: 0, character: 9 } };
        const changes = [{ range, text: 'the', sentence: 0 }];
        this.servers.reply(asked, { applied: false, changes, reason: '' });
        await this.window.shows('.notification-list-item', '1 change. Next: teh → the');
        const buttons = this.window.page.locator('.notification-list-item .monaco-button');
        await buttons.filter({ hasText: 'Make All' }).click();
        await this.is(RIGHT);
        await this.window.page.locator('.tab', { hasText: 'Changes of' }).waitFor({ state: 'detached' });
    }

    /** `text` is selected, and `ask` makes the editor order a command about it; the order. */
    async asked(text, command, ask) {
        await this.write(text);
        const from = this.servers.events.length;
        await this.window.press('Control+A');
        await ask();
        const asked = await this.servers.command(command, from);
        assert.ok(asked.params.arguments[0].includes(this.part), asked.params.arguments[0]);
        return asked;
    }
}

/** The server comes to know the command that dismisses, and the actions of the menu in the box. */
async function announce(servers) {
    const commands = { method: 'workspace/executeCommand', registerOptions: { commands: ['shadowpen.dismiss'] } };
    const kinds = { documentSelector: [{ language: 'scminput' }], codeActionKinds: ['refactor.rewrite'] };
    const actions = { method: 'textDocument/codeAction', registerOptions: kinds };
    const registrations = [commands, actions].map((each, place) => ({ id: `elsewhere-${place}`, ...each }));
    await servers.ask('client/registerCapability', { registrations });
}

async function inCell(window, servers) {
    const cell = new Text(window, servers, 'vscode-notebook-cell:');
    await window.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'notes.ipynb' }).dblclick();
    const row = window.page.locator('.notebook-editor .markdown-cell-row.focused');
    await row.waitFor({ state: 'attached' });
    await window.press('Enter');
    await row.locator('.monaco-editor.focused').waitFor();
    await cell.ghostText();
    await cell.expansion(() => window.press('Control+Alt+Enter'));
    await cell.correction(() => window.command('Shadowpen: Correct Spelling and Grammar'));
}

/** The box has no editor of its own for the extension; its keys and its menu say what they are about. */
async function inBox(window, servers) {
    const box = new Text(window, servers, 'vscode-scm:');
    await window.press('Control+Shift+G');
    await window.page.locator('.scm-editor .view-lines').click();
    await box.ghostText();
    const choose = (title, command, ...given) => async () => {
        const from = servers.events.length;
        await servers.next('textDocument/codeAction', from - 1); // VS Code looks by itself, and so knows the key
        await window.press('Control+Alt+Enter');
        const { message } = await servers.next('textDocument/codeAction', from, ({ context }) => context.only?.length);
        const { textDocument, range } = message.params;
        const ordered = { title, command, arguments: [textDocument.uri, range, ...given] };
        servers.reply(message, [{ title, kind: 'refactor.rewrite', command: ordered }]);
        await window.shows('.action-widget .monaco-list-row.focused', title);
        await window.press('Enter');
    };
    await box.expansion(choose(EXPAND, 'shadowpen.expand'));
    await window.page.locator('.scm-editor .monaco-editor.focused').waitFor();
    await box.correction(choose(CORRECT, 'shadowpen.verb', 'correct', {}));
    await window.page.locator('.scm-editor .monaco-editor.focused').waitFor();
}

async function inFile(window, servers, folder) {
    const name = '.git/COMMIT_EDITMSG';
    const message = new Text(window, servers, name);
    await servers.ask('window/showDocument', { uri: `file://${folder}/${name}`, takeFocus: true });
    await message.is('');
    await message.ghostText();
    await message.expansion(() => window.press('Control+Alt+Enter'));
    await message.correction(() => window.command('Shadowpen: Correct Spelling and Grammar'));
}

const window = await Window.open(browser, given.base, given.folder, 'text.md');
await servers.next('textDocument/didOpen', 0, undefined, START_MS);
servers.notify('shadowpen/status', { state: 'ready', message: '', hint: '', model: 'scripted@1' });
await window.page.waitForSelector('.statusbar-item .codicon-edit');
await announce(servers);
for (const [step, run] of Object.entries({ cell: inCell, file: inFile, box: inBox })) {
    const begun = performance.now();
    await run(window, servers, given.folder).catch(async (error) => {
        await window.page.screenshot({ path: `${given.shots}/elsewhere-${step}.png` });
        throw error;
    });
    console.log(JSON.stringify({ step, ms: Math.round(performance.now() - begun) }));
}
await browser.close();
process.exit();

/**
 * A real VS Code in a real browser, and the test's end of the scripted language servers' socket.
 *
 * Everything a scenario waits for is an event: a line from a server, or a change of the page looked at once a frame.
 * Knows nothing of Shadowpen but the names of what it draws.
 */
import net from 'node:net';
import { createRequire } from 'node:module';

const WAIT_MS = 45_000; // on a busy machine
const START_MS = 90_000;
const SETTLED_MS = 300; // an answer to the last key would have come

const BROWSER = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

/** What arrived at the scripted servers, and orders to the newest of them. */
export class Servers {
    events = [];
    #waiting = new Set();
    #connected = [];
    #asked = 0;

    static async listen(path) {
        const servers = new Servers();
        servers.listener = net.createServer((socket) => servers.#read(socket));
        await new Promise((ready) => servers.listener.listen(path, ready));
        return servers;
    }

    #read(socket) {
        this.#connected.push(socket);
        socket.setEncoding('utf8');
        let pending = '';
        socket.on('error', () => {});
        socket.on('close', () => {
            this.#connected.splice(this.#connected.indexOf(socket), 1);
            this.#waiting.forEach((look) => look());
        });
        socket.on('data', (chunk) => {
            const lines = (pending + chunk).split('\n');
            pending = lines.pop();
            for (const line of lines) {
                this.events.push({ ...JSON.parse(line), at: performance.now() });
                socket.pid = this.events.at(-1).pid;
            }
            this.#waiting.forEach((look) => look());
        });
    }

    all(method, from = 0) {
        return this.events.slice(from).filter(({ message }) => message.method === method);
    }

    /** The first true value of `find`, looked at now and after each event. */
    wait(find, what, ms = WAIT_MS) {
        return new Promise((resolve, reject) => {
            const look = () => {
                const found = find();
                if (found) {
                    done();
                    resolve(found);
                }
            };
            const done = () => {
                clearTimeout(timer);
                this.#waiting.delete(look);
            };
            const timer = setTimeout(() => {
                done();
                const last = this.events.slice(-6).map((event) => JSON.stringify(event).slice(0, 300));
                reject(new Error(`waited in vain for ${what}; last events:\n${last.join('\n')}`));
            }, ms);
            this.#waiting.add(look);
            look();
        });
    }

    /** The next event of `method` after the first `from`, for which `fits`. */
    next(method, from, fits = () => true, ms = WAIT_MS) {
        return this.wait(() => this.all(method, from).find((event) => fits(event.message.params, event)), method, ms);
    }

    /** Until the document at `uri` is in focus. */
    focused(uri) {
        const last = () => this.all('textDocument/didFocus', 0).at(-1);
        return this.wait(() => last()?.message.params.textDocument?.uri === uri, `the focus on ${uri}`);
    }

    /** The document in focus, as its server holds it. */
    get document() {
        const alive = this.#connected.at(-1)?.pid;
        const focus = this.events.findLast(
            ({ pid, message }) =>
                pid === alive && message.method === 'textDocument/didFocus' && message.params.textDocument,
        );
        const of = ({ pid, message }) =>
            focus?.pid === pid && message.params?.textDocument?.uri === focus.message.params.textDocument.uri;
        const event = this.events.findLast(
            (event) => of(event) && (event.text ?? event.message.params.textDocument.text) !== undefined,
        );
        return event && (event.text ?? event.message.params.textDocument.text);
    }

    /** Until the document in focus is `text`. */
    text(text) {
        return this.wait(() => this.document === text, `the text ${JSON.stringify(text)}`);
    }

    /** What a server that a relay stands before answered to the last request for ghost text that `fits`. */
    items(from, fits, ms) {
        const find = () => {
            const all = this.all('textDocument/inlineCompletion', from).filter(({ message }) => fits(message.params));
            const asked = all.at(-1);
            const reply = this.events.findLast(
                ({ pid, side, message }) => side === 'server' && pid === asked?.pid && message.id === asked.message.id,
            );
            return reply?.message.result?.items; // a cancelled request has none, and another one follows
        };
        return this.wait(find, 'an answer with or without ghost text', ms);
    }

    command(name, from) {
        return this.next('workspace/executeCommand', from, (params) => params.command === name).then(
            (event) => event.message,
        );
    }

    order(order) {
        this.#connected.at(-1).write(`${JSON.stringify(order)}\n`);
    }

    notify(method, params) {
        this.order({ send: { method, params } });
    }

    reply(request, result) {
        this.order({ send: { id: request.id, result } });
    }

    /** Send a request to the editor; its reply. */
    async ask(method, params) {
        const id = `test-${++this.#asked}`;
        this.order({ send: { id, method, params } });
        return (await this.wait(() => this.events.find(({ message }) => message.id === id && !message.method), method))
            .message;
    }

    /** The newest server dies; its successor has started when this returns. */
    async replaced() {
        const dead = this.#connected.at(-1).pid;
        const from = this.events.length;
        this.order({ exit: 1 });
        await this.next('textDocument/didFocus', from, (_, { pid }) => pid !== dead);
    }

    /** How many servers are alive. */
    get alive() {
        return this.#connected.length;
    }
}

/** One window of VS Code. */
export class Window {
    static async browser(executablePath, playwright) {
        const { chromium } = createRequire(`${playwright}/`)('playwright-core');
        return chromium.launch({ executablePath, headless: true, args: BROWSER });
    }

    static async open(browser, base, folder, file) {
        const context = await browser.newContext({ viewport: { width: 1000, height: 480 } });
        await context.grantPermissions(['clipboard-read', 'clipboard-write']);
        const window = new Window();
        window.page = await context.newPage();
        window.page.setDefaultTimeout(WAIT_MS);
        await window.show(base, folder, file);
        return window;
    }

    async show(base, folder, file) {
        const uri = `vscode-remote://${new URL(base).host}${folder}/${file}`;
        const payload = encodeURIComponent(JSON.stringify([['openFile', uri]]));
        await this.page.goto(`${base}/?folder=${encodeURIComponent(folder)}&payload=${payload}`, { timeout: START_MS });
        await this.page.waitForSelector('.monaco-editor .view-lines', { timeout: START_MS });
        await this.page.click('.monaco-editor .view-lines');
    }

    press(key) {
        return this.page.keyboard.press(key);
    }

    type(text) {
        return this.page.keyboard.type(text);
    }

    /** All at once, however long. */
    async paste(text) {
        await this.page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
        await this.press('Control+V');
    }

    /** Ghost text as it is drawn, its lines joined. */
    ghost() {
        return this.page.evaluate(drawn);
    }

    async ghostIs(text) {
        const wanted = `(${drawn})() === ${JSON.stringify(text)}`;
        await this.page.waitForFunction(wanted).catch(async () => {
            throw new Error(`the ghost text is ${JSON.stringify(await this.ghost())}, not ${JSON.stringify(text)}`);
        });
    }

    /** Ghost text for which `condition` (an expression of `ghost`) holds and which has stayed so for a moment. */
    async ghostWhere(condition, ms = WAIT_MS) {
        const settled = `{
      const ghost = (${drawn})();
      const now = performance.now();
      if (window.settling?.ghost !== ghost) window.settling = { ghost, since: now };
      (${condition}) && now - window.settling.since > ${SETTLED_MS} ? { ghost } : null;
    }`;
        const found = await this.page.waitForFunction(settled, undefined, { timeout: ms });
        return (await found.jsonValue()).ghost;
    }

    /** Until a text of `scheme` is open in an editor and `text` is all that is drawn there, over however many lines. */
    async readsAlong(scheme, text) {
        const read = `(${readable})(${JSON.stringify(scheme)})`;
        await this.page.waitForFunction(`${read} === ${JSON.stringify(text)}`).catch(async () => {
            const there = await this.page.evaluate(read);
            throw new Error(`${scheme} shows ${JSON.stringify(there)}, not ${JSON.stringify(text)}`);
        });
    }

    /** Press one of the words above a text's first line. */
    async lens(text) {
        await this.page.locator('.codelens-decoration a', { hasText: text }).click();
    }

    /** Every ghost text that is drawn while `run` runs. */
    async watch(run) {
        await this.page.evaluate(`{
      const drawn = ${drawn};
      const seen = new Set([drawn()]);
      const observer = new MutationObserver(() => seen.add(drawn()));
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      window.endWatch = () => (observer.disconnect(), [...seen]);
    }`);
        await run();
        return this.page.evaluate('endWatch()');
    }

    /** Milliseconds from pressing `key` to the frame with `ghost`, `count` times. */
    async latencies(key, ghost, count) {
        await this.page.evaluate(`{
      const drawn = ${drawn};
      window.latencies = [];
      let pressed;
      addEventListener('keydown', (event) => event.key === ${JSON.stringify(key)} && (pressed = event.timeStamp), true);
      new MutationObserver(() => {
        if (pressed !== undefined && drawn() === ${JSON.stringify(ghost)}) {
          const since = pressed;
          pressed = undefined;
          requestAnimationFrame(() => window.latencies.push(performance.now() - since));
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    }`);
        for (let i = 1; i <= count; i++) {
            await this.type(key);
            await this.page.waitForFunction(`window.latencies.length === ${i}`);
            await this.press('Backspace');
            await this.ghostIs('');
        }
        return this.page.evaluate('window.latencies');
    }

    /** Until `text` stands in an element of `selector` that can be seen. */
    async shows(selector, text, ms = WAIT_MS) {
        const found = this.page.locator(selector, { hasText: text });
        await found
            .first()
            .waitFor({ timeout: ms })
            .catch(async () => {
                const there = await this.page.locator(selector).allTextContents();
                throw new Error(`${selector} shows ${JSON.stringify(there)}, not ${JSON.stringify(text)}`);
            });
    }

    statusItem(name) {
        return this.page.locator('.statusbar-item', { hasText: name });
    }

    /** What appears when the pointer rests on an entry of the status bar. */
    async tooltip(name, texts) {
        await this.page.mouse.move(500, 200);
        await this.page.locator('.workbench-hover').waitFor({ state: 'hidden' });
        await this.statusItem(name).hover();
        for (const text of texts) {
            await this.shows('.workbench-hover', text);
        }
        await this.page.mouse.move(500, 200);
    }

    async dismissMessages() {
        const messages = this.page.locator('.notification-list-item');
        const clear = messages.locator('.codicon-notifications-clear');
        while (await messages.count()) {
            // One that ends by itself meanwhile is as good.
            await messages
                .first()
                .hover({ timeout: 1000 })
                .catch(() => {});
            await clear
                .first()
                .click({ timeout: 1000 })
                .catch(() => {});
        }
    }

    /** Run a command by its name. */
    async command(name) {
        await this.press('F1');
        await this.page.waitForSelector('.quick-input-widget input');
        await this.type(name);
        await this.click(name);
    }

    /** Choose an entry of the list that is open; a long list draws only the rows in sight, so it is narrowed first. */
    async choose(text) {
        await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
        await this.page.locator('.quick-input-box input').fill(text);
        await this.click(text);
    }

    /** Click an entry in sight of the list that is open. */
    async click(text) {
        await this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first().click();
    }
}

/** In the page: the ghost text that is drawn, from top to bottom. */
function drawn() {
    const all = [...document.querySelectorAll('[class*=ghost-text]')];
    const leaves = all.filter((element) => !element.querySelector('[class*=ghost-text]'));
    const top = (element) => element.getBoundingClientRect().top;
    leaves.sort((one, other) => top(one) - top(other));
    return leaves.map((element) => element.textContent.replaceAll('\u00a0', ' ')).join('\n');
}

/** In the page: the text of `scheme` as it is drawn, its lines put together; null where none is open. */
function readable(scheme) {
    const lines = document.querySelectorAll(`.monaco-editor[data-uri^="${scheme}:"] .view-line`);
    const top = (element) => element.getBoundingClientRect().top;
    const sorted = [...lines].sort((one, other) => top(one) - top(other));
    return lines.length ? sorted.map((line) => line.textContent.replaceAll('\u00a0', ' ')).join('') : null;
}

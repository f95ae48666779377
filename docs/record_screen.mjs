/**
 * Writes in a browser at a person's pace, and keeps every frame that Chromium draws (record_screen.py starts it).
 *
 * Prints one JSON line for each frame, {at, file}, and for each caption, {at, caption}; times are in seconds.
 */
import fs from 'node:fs/promises';
import { Window } from '../tests/plugins/vscode/workbench.mjs';

const KEY_MS = 70; // and what a key takes
const READ_MS = 1500;
const ANSWER_MS = 150; // as often as ghost text is looked for
const PATIENCE_MS = 180_000; // on a busy machine
const GHOST = '.cm-shadowpen-ghost';

const given = JSON.parse(process.env.SHADOWPEN_SCENARIO);
const rest = (ms) => new Promise((done) => setTimeout(done, ms));

/** What is drawn in a page from `start` on, as one file a frame. */
class Camera {
  #count = 0;

  constructor(page) {
    this.page = page;
  }

  async start() {
    const session = await this.page.context().newCDPSession(this.page);
    session.on('Page.screencastFrame', async ({ data, metadata, sessionId }) => {
      const file = `${given.frames}/${String(this.#count++).padStart(5, '0')}.png`;
      console.log(JSON.stringify({ at: metadata.timestamp, file }));
      await fs.writeFile(file, data, 'base64');
      await session.send('Page.screencastFrameAck', { sessionId }).catch(() => {}); // the page is gone
    });
    await session.send('Page.startScreencast', { format: 'png' });
  }

  /** From now on, `caption` stands below the picture. */
  caption(caption) {
    console.log(JSON.stringify({ at: Date.now() / 1000, caption }));
  }
}

/** Types at a person's pace. */
async function write(page, text) {
  await page.keyboard.type(text, { delay: KEY_MS });
}

/** A key under its name, once there has been time to read. */
async function press(page, camera, key, caption) {
  await rest(READ_MS);
  camera.caption(caption);
  await page.keyboard.press(key);
  await rest(READ_MS);
}

/** A letter with ghost text in VS Code, then notes that become a paragraph. */
async function vscode(browser) {
  const window = await Window.open(browser, given.base, given.folder, 'letter.md');
  const { page } = window;
  page.setDefaultTimeout(PATIENCE_MS);
  await page.setViewportSize({ width: 960, height: 330 });
  await page.waitForSelector('.statusbar-item .codicon-edit');
  await window.dismissMessages();
  await window.press('Control+B');
  await page.click('.monaco-editor .view-lines');
  const camera = new Camera(page);
  await camera.start();
  /** Ghost text that the writer means too: of which `meant` is the beginning, or which is the beginning of `meant`. */
  const ghost = (meant) => {
    const wanted = JSON.stringify(meant);
    return window.ghostWhere(`ghost && (${wanted}.startsWith(ghost) || ghost.startsWith(${wanted}))`, PATIENCE_MS);
  };

  camera.caption('Write: ghost text appears in grey behind the cursor');
  await write(page, 'Dear Mrs Hill,\n\nThank you very much for your letter. I look for');
  const meant = 'ward to hearing from you. ';
  const taken = await ghost(meant);
  await press(page, camera, 'Tab', 'Tab accepts it');
  camera.caption('Or keep typing');
  await write(page, `${meant.slice(taken.length)}For the first`);
  await ghost(' time');
  await press(page, camera, 'Control+ArrowRight', 'Ctrl+Right accepts one word');
  camera.caption('Notes, not sentences');
  await write(page, ` in years, we are on the island.\n\n${given.notes}`);
  for (let line = 1; line < given.notes.split('\n').length; line++) {
    await page.keyboard.press('Shift+ArrowUp');
    await rest(KEY_MS);
  }
  await page.keyboard.press('Shift+Home');
  await press(page, camera, 'Control+Alt+Enter', 'Ctrl+Alt+Enter expands the selected notes');
  await window.shows('.codelens-decoration', 'Accept (Tab)', PATIENCE_MS);
  await rest(READ_MS);
  await page.screenshot({ path: given.still });
  await press(page, camera, 'Tab', 'Tab accepts the paragraph');
  await rest(READ_MS);
}

/** `shadowpen open`: a folder is named, one writes, and looks at what a deletion would take. */
async function open(browser) {
  const page = await (await browser.newContext({ viewport: { width: 900, height: 460 } })).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(given.link);
  const camera = new Camera(page);
  await camera.start();
  const click = async (role, name) => {
    await rest(READ_MS);
    await page.getByRole(role, { name, exact: true }).first().click();
    await page.waitForLoadState();
    await rest(READ_MS);
  };
  const drawn = async () => (await page.locator(GHOST).allTextContents()).join('');
  /** Type `meant` until ghost text goes on with it; what then is left of it. */
  const writeUntilGhost = async (meant) => {
    for (let typed = 1; typed < meant.length; typed++) {
      await write(page, meant[typed - 1]);
      await rest(ANSWER_MS);
      const ghost = await drawn();
      if (ghost.length > 3 && meant.startsWith(ghost, typed)) {
        return meant.slice(typed + ghost.length);
      }
    }
    throw new Error(`no ghost text in ${meant}`);
  };

  camera.caption('shadowpen open: pages from your own machine');
  await click('button', 'Turn learning on');
  camera.caption('Learn from a folder of your texts');
  await click('link', 'What it learned');
  await page.locator('#folder').click();
  await write(page, given.folder);
  await click('button', 'Add');
  camera.caption('Write: ghost text appears in grey behind the cursor');
  await click('link', 'Write');
  await page.locator('.cm-content').click();
  await write(page, given.beginning);
  for (const meant of given.sentences) {
    const left = await writeUntilGhost(meant);
    await press(page, camera, 'Tab', 'Tab accepts it');
    camera.caption('Or keep typing');
    await write(page, left);
  }
  camera.caption('Forget a phrase: first see what would go');
  await click('link', 'What it learned');
  await page.locator('#phrase').click();
  await write(page, given.phrase);
  await click('button', 'Show what would go');
  await rest(READ_MS);
}

const browser = await Window.browser(given.chromium, given.playwright);
await { vscode, open }[given.scene](browser);
await browser.close();
process.exit();

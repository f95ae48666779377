/** Writes in a notebook and a file of a real JupyterLab, by keys and by the menu. */
import { GHOST, ghost, given, noGhost, tell, withPage } from '../codemirror/browser.mjs';

const SLOW_MS = 200_000;

function text(place) {
  return place.locator('.cm-line').evaluateAll((lines) => lines.map((line) => {
    const copy = line.cloneNode(true);
    copy.querySelectorAll('.cm-shadowpen-ghost').forEach((each) => each.remove());
    return copy.textContent;
  }).join('\n'));
}

async function open(page, name, editor) {
  await page.goto(given.address.replace('NAME', name), { timeout: SLOW_MS });
  await page.waitForSelector(editor, { timeout: SLOW_MS });
}

await withPage(async (page) => {
  const models = [];
  page.on('request', (request) => {
    if (request.url().includes('/v1/')) {
      models.push(request.postDataJSON().model);
    }
  });

  await open(page, 'notes.ipynb', '.jp-Notebook .jp-CodeCell .cm-content');
  const cell = page.locator('.jp-MarkdownCell').nth(1);
  await cell.dblclick();
  await cell.locator('.cm-content').click();
  await page.keyboard.type('One two.');
  tell({ step: 'drawn', ghost: await ghost(page), text: await text(cell) });
  await page.keyboard.press('Control+ArrowRight');
  await page.waitForFunction((place) => document.querySelector(place)?.textContent.startsWith('\n'), GHOST);
  tell({ step: 'word', text: await text(cell) });
  await page.keyboard.press('Tab');
  await cell.locator('.cm-line').nth(2).waitFor();
  tell({ step: 'accepted', text: await text(cell) });
  await page.keyboard.press('Alt+\\');
  await ghost(page);
  await page.keyboard.press('Escape');
  await noGhost(page);
  tell({ step: 'dismissed', text: await text(cell), writing: (await page.locator('.jp-mod-editMode').count()) > 0 });

  await page.keyboard.press('Control+a');
  await page.keyboard.type('ferry late');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+Alt+Enter');
  await cell.locator('.cm-line', { hasText: '1. ferry late' }).waitFor({ timeout: SLOW_MS });
  tell({ step: 'expanded', text: await text(cell) });

  await ghost(page); // what may follow the paragraph goes with the focus
  const code = page.locator('.jp-CodeCell');
  await code.locator('.cm-content').click();
  await noGhost(page);
  models.length = 0;
  await page.keyboard.type('One two.');
  await page.keyboard.press('Alt+\\');
  await ghost(page);
  await page.keyboard.press('Escape');
  tell({ step: 'code', text: await text(code), models });

  await open(page, 'notes.md', '.jp-FileEditor .cm-content');
  const file = page.locator('.jp-FileEditor');
  await file.locator('.cm-content').click();
  await page.keyboard.type('One two.');
  tell({ step: 'file', ghost: await ghost(page), text: await text(file) });
  await page.keyboard.press('Escape');
  await page.locator('.lm-MenuBar-item', { hasText: 'Edit' }).click();
  await page.locator('.lm-Menu-item', { hasText: 'Continue the Paragraph' }).click();
  await file.locator('.cm-line', { hasText: 'word 1' }).waitFor({ timeout: SLOW_MS });
  tell({ step: 'menu', text: await text(file) });
});

/** Types on the page to write on: ghost text is drawn, typed along, accepted in parts, dismissed; notes are expanded. */
import { ghost, given, noGhost, tell, text, withPage } from './browser.mjs';

await withPage(async (page) => {
  await page.goto(given.link);
  await page.goto(new URL('/write', given.link).href);
  const editor = page.locator('.cm-content');
  await editor.click();

  await page.keyboard.type('One two. Three');
  tell({ step: 'drawn', ghost: await ghost(page), text: await text(page) });
  await page.keyboard.press('Control+ArrowRight');
  tell({ step: 'word', ghost: await ghost(page), text: await text(page) });
  await page.keyboard.press('Alt+ArrowRight');
  tell({ step: 'sentence', ghost: await ghost(page), text: await text(page) });
  await page.keyboard.type(' Th');
  tell({ step: 'typed along', ghost: await ghost(page), text: await text(page) });
  await page.keyboard.press('Tab');
  tell({ step: 'all', text: await text(page) });
  await page.keyboard.press('Alt+\\');
  const asked = await ghost(page);
  await page.keyboard.press('Escape');
  await noGhost(page);
  tell({ step: 'dismissed', ghost: asked, text: await text(page) });
  await page.keyboard.press('Control+z');
  tell({ step: 'undone', text: await text(page) });

  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('天气好。我们走。');
  await ghost(page);
  await page.keyboard.press('Alt+ArrowRight');
  tell({ step: 'sentence without blanks', ghost: await ghost(page), text: await text(page) });
  await page.keyboard.press('Escape');
  const method = await page.context().newCDPSession(page);
  for (const composed of ['h', 'は', 'はい']) {
    const [selectionStart, selectionEnd] = [composed.length, composed.length];
    await method.send('Input.imeSetComposition', { text: composed, selectionStart, selectionEnd });
  }
  await method.send('Input.insertText', { text: 'はい' }); // as it stands there already
  tell({ step: 'composed', ghost: await ghost(page) });

  await page.keyboard.press('Control+a');
  await page.keyboard.type('ferry late');
  await ghost(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+a');
  await page.locator('#expand').click();
  await page.waitForFunction(() => !document.querySelector('#expand').hasAttribute('aria-busy'));
  tell({ step: 'expanded', text: await text(page) });

  await ghost(page); // the answer to it would take the sentence below away
  await page.keyboard.press('Escape');
  await page.locator('#expand').click();
  tell({ step: 'nothing selected', told: await page.locator('#told').textContent() });
});

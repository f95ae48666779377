/** The extension in a JupyterLab that is set to Chinese: its places in the menu, its settings, and a notice. */
import { given, tell, withPage } from '../codemirror/browser.mjs';

const SLOW_MS = 200_000;

await withPage(async (page) => {
  page.setDefaultTimeout(SLOW_MS);
  await page.goto(given.address.replace('/doc/tree/NAME', '/lab/tree/notes.md'));
  const text = page.locator('.jp-FileEditor .cm-content');
  await text.click();

  // Without a language pack JupyterLab's own words stay English.
  await page.locator('.lm-MenuBar-item', { hasText: 'Edit' }).click();
  const ours = page.locator('.lm-Menu-item[data-command^="shadowpen:"] .lm-Menu-itemLabel');
  await ours.first().waitFor();
  tell({ step: 'menu', labels: await ours.allTextContents() });
  await page.keyboard.press('Escape');

  await page.locator('.lm-MenuBar-item', { hasText: 'Settings' }).click();
  await page.locator('.lm-Menu-item', { hasText: 'Settings Editor' }).first().click();
  await page.locator('.jp-PluginList-entry', { hasText: 'Shadowpen' }).click();
  await page.locator('.jp-SettingsForm', { hasText: 'shadowpen serve --token' }).waitFor();
  tell({ step: 'settings', text: await page.locator('.jp-SettingsForm', { hasText: 'shadowpen serve --token' }).innerText() });
});

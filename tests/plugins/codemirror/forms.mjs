/** Presses buttons of the pages as a browser sends them, and tells what the page says afterwards. */
import { given, tell, withPage } from './browser.mjs';

await withPage(async (page) => {
  await page.goto(given.link);
  const press = async (button) => {
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: button, exact: true }).click();
    const status = (await answered).status();
    await page.waitForLoadState();
    tell({ button, status, path: new URL(page.url()).pathname });
  };
  await press('Turn learning on');
  await page.goto(new URL('/learned', given.link).href);
  await page.locator('#word').fill('boathouse');
  await page.locator('form', { has: page.locator('#word') }).getByRole('button').click();
  await page.getByText('boathouse').first().waitFor();
  await press('Remove the word boathouse');
});

/** Visits every page in light and in dark, wide and narrow, and tells what axe finds there. */
import { readFileSync } from 'node:fs';
import { given, tell, withPage } from './browser.mjs';

const axe = readFileSync(`${given.axe}/node_modules/axe-core/axe.min.js`, 'utf8');

await withPage(async (page) => {
  await page.goto(given.link);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const path of given.paths) {
      await page.goto(new URL(path, given.link).href);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      await page.setViewportSize({ width: 400, height: 800 });
      const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      await page.setViewportSize({ width: 1200, height: 800 });
      tell({ path, colorScheme, isWide, title: await page.title(), violations: violations.map((each) => each.id) });
    }
  }
});

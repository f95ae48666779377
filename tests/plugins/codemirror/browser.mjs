/** A page of Chromium as the scripts of this folder use it. What they tell is a JSON line each. */
import { createRequire } from 'node:module';

export const given = JSON.parse(process.env.SHADOWPEN_SCENARIO);
export const GHOST = '.cm-shadowpen-ghost';

/** Run `scenario` with a page that stays on this machine. */
export async function withPage(scenario) {
  const { chromium } = createRequire(`${given.playwright}/package.json`)('playwright-core');
  const browser = await chromium.launch({
    executablePath: given.chromium,
    args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'],
  });
  try {
    const page = await (await browser.newContext({ bypassCSP: given.bypassCSP ?? false })).newPage();
    page.on('pageerror', (error) => tell({ error: error.message }));
    await scenario(page);
  } finally {
    await browser.close();
  }
}

export function tell(told) {
  console.log(JSON.stringify(told));
}

/** The ghost text as it stands when one is drawn. */
export async function ghost(page) {
  await page.waitForSelector(GHOST, { timeout: 20_000 });
  return page.locator(GHOST).textContent();
}

export function noGhost(page) {
  return page.waitForSelector(GHOST, { state: 'detached', timeout: 20_000 });
}

export function text(page) {
  return page.evaluate(() => [...document.querySelectorAll('.cm-line')].map((line) => {
    const copy = line.cloneNode(true);
    copy.querySelectorAll('.cm-shadowpen-ghost').forEach((each) => each.remove());
    return copy.textContent;
  }).join('\n'));
}

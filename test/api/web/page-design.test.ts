import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../../../tools/harness/page/browser.ts';
import { PageWalk } from '../../../tools/harness/page/page-walk.ts';
import { describeWith } from '../../support/needs/with-needs.ts';

const PAGE = fileURLToPath(new URL('../../../../api/web/', import.meta.url));

describeWith('chromium')("the page's parts at /design, from Vite's development server, in a real browser", () => {
  let server: ViteDevServer;
  let browser: Browser;
  let walk: PageWalk;
  beforeAll(async () => {
    const starting = createServer({
      root: PAGE,
      configFile: `${PAGE}vite.config.ts`,
      server: { port: 0, host: '127.0.0.1', hmr: false },
      logLevel: 'error',
    });
    [server, browser] = await Promise.all([starting.then((one) => one.listen()), launchChromium()]);
    walk = await PageWalk.open(browser, new URL('/design', server.resolvedUrls!.local[0]).href);
    await walk.page.getByRole('region', { name: 'Messages and empty states' }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const press = (name: string) => walk.page.getByRole('banner').first().getByRole('button', { name }).click();

  it('shows every group without a service, in light and dark, with nothing that axe finds serious', async () => {
    for (const theme of ['light', 'dark']) {
      await press(theme);
      await walk.until('document.getAnimations().every((one) => !(one instanceof CSSTransition))');
      await expect(walk.page.locator('.design-group > h2').allTextContents()).resolves.toEqual([
        'Buttons and menus',
        'Fields',
        'Composer',
        'Cards',
        'Gallery',
        'Player',
        'Dialogs',
        'Messages and empty states',
      ]);
      await walk.until(`[...document.querySelectorAll('video')].every(({ readyState }) => readyState >= 2)`);
      await expect(walk.axe()).resolves.toEqual([]);
    }
    expect([walk.complaints, [...walk.hosts]]).toEqual([[], [new URL(walk.page.url()).host]]);
  });

  it('a button that does nothing now can be read in forced colours', async () => {
    await walk.page.emulateMedia({ forcedColors: 'active' });
    const disabled = `[...document.querySelectorAll('button[aria-disabled=true]')]`;
    expect(await walk.page.evaluate<number>(`${disabled}.length`)).toBeGreaterThan(2);
    // Its text is gray, whatever it started: on that of a filled one it could not be seen. Colours take a moment to change.
    await walk.until(`new Set(${disabled}.map((one) => getComputedStyle(one).backgroundColor)).size === 1`);
    await walk.page.emulateMedia({ forcedColors: 'none' });
  });

  it('no part is wider than a window of 320 pixels, in either direction', async () => {
    await walk.page.setViewportSize({ width: 320, height: 900 });
    const tooWide = () =>
      walk.page.evaluate<string[]>(`
        [...document.querySelectorAll('.design-sample')]
          .filter(({ lastElementChild: { scrollWidth, clientWidth } }) => scrollWidth > clientWidth + 1)
          .map((part) => part.getAttribute('aria-label'))`);
    await expect(tooWide()).resolves.toEqual([]);
    await press('rtl');
    await expect(tooWide()).resolves.toEqual([]);
  });

  it('a size is not turned around from right to left', async () => {
    const [width, height] = await walk.page.evaluate<[number, number]>(`(() => {
      const [label] = [...document.querySelectorAll('.choices label')].filter((one) => one.innerText.startsWith('848'));
      const text = document.createTreeWalker(label, NodeFilter.SHOW_TEXT).nextNode();
      const leftOf = (from) => {
        const range = document.createRange();
        range.setStart(text, from);
        range.setEnd(text, from + 3);
        return range.getBoundingClientRect().left;
      };
      return [leftOf(text.data.indexOf('848')), leftOf(text.data.indexOf('480'))];
    })()`);
    expect(width).toBeLessThan(height);
  });
});

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { PageWalk } from '../harness/page/page-walk.ts';

const ASSETS = fileURLToPath(new URL('../../api/web/assets', import.meta.url));

/** A connection to a service elsewhere: 10 Mbit/s, and 40 ms until an answer begins. */
const CONNECTION = { offline: false, latency: 40, downloadThroughput: 1_250_000, uploadThroughput: 1_250_000 };

/** Bytes of the page's script, as it is sent to browsers that read Brotli. */
export async function scriptBytes(): Promise<number> {
  const names = (await readdir(ASSETS)).filter((name) => name.endsWith('.js.br'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(ASSETS, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * First contentful paint of the page in a browser that has nothing of it yet, over {@link CONNECTION}.
 *
 * @returns ms, one for each of `times`
 */
export async function firstPaints(browser: Browser, url: string, times: number): Promise<number[]> {
  const paints: number[] = [];
  for (let time = 0; time < times; time++) {
    const walk = await PageWalk.open(browser, 'about:blank');
    const devtools = await walk.context.newCDPSession(walk.page);
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', CONNECTION);
    await walk.page.goto(url);
    await walk.until(`performance.getEntriesByName('first-contentful-paint').length > 0`);
    paints.push(
      await walk.page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0].startTime`),
    );
    await walk.close();
  }
  return paints;
}

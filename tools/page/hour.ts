import type { Browser, CDPSession } from 'playwright-core';
import { PageWalk } from '../harness/page/page-walk.ts';
import { serveVideos } from './videos.ts';

/** What a page holds after a garbage collection. */
export interface Held {
  heapMb: number;
  nodes: number;
  listeners: number;
}

const MINUTES = 60;
/** Until each part of the page was seen, and what is compiled and kept once for all is there. */
const WARM_UP_MINUTES = 30;
/** Of the page's clock, which is moved on in such steps: shorter than the interval of any update. */
const STEP_MS = 2_500;

/**
 * An hour of a page that is used all the time, by its own clock: each minute a video is finished and another begins, a card is
 * opened, words are searched for, and videos are selected. What it holds before and after it.
 *
 * @param clip an MP4, which stands for every video
 */
export async function anHourOfUse(browser: Browser, url: string, clip: Buffer): Promise<{ before: Held; after: Held }> {
  const walk = await PageWalk.open(browser, 'about:blank', { viewport: { width: 1440, height: 900 } });
  const videos = await serveVideos(walk.page, clip);
  await walk.page.clock.install();
  await walk.page.goto(url);
  await walk.cards.first().waitFor();
  const devtools = await walk.context.newCDPSession(walk.page);
  const use = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute++) {
      videos.next();
      await useOnce(walk, minute);
      for (let ms = 0; ms < 60_000; ms += STEP_MS) await walk.page.clock.runFor(STEP_MS);
    }
  };
  await use(WARM_UP_MINUTES);
  const before = await held(devtools);
  await use(MINUTES);
  const after = await held(devtools);
  if (walk.complaints.length > 0) throw new Error(walk.complaints.join('\n'));
  await walk.close();
  return { before, after };
}

/** @param minute another card each time */
async function useOnce(walk: PageWalk, minute: number): Promise<void> {
  const { page } = walk;
  await walk.cards
    .nth(1 + (minute % 8))
    .getByRole('link')
    .first()
    .click();
  await walk.videoIsShown();
  const search = page.getByRole('searchbox');
  await search.fill(`take ${minute}`);
  await page.clock.runFor(STEP_MS);
  await search.fill('');
  await page.clock.runFor(STEP_MS);
  await walk.cards.nth(2).getByRole('checkbox').check();
  await page.keyboard.press('Escape');
}

async function held(devtools: CDPSession): Promise<Held> {
  // Twice: what one collection frees may have held more.
  for (let time = 0; time < 2; time++) await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await devtools.send('Memory.getDOMCounters');
  return { heapMb: usedSize / 1e6, nodes, listeners: jsEventListeners };
}

import type { Browser } from 'playwright-core';
import { PageWalk } from '../harness/page/page-walk.ts';
import { type Frames, framesOf } from './frames.ts';
import { serveVideos, VIDEOS } from './videos.ts';

/** In px per second: about five rows. */
const SPEED = 1_200;
const SECONDS = 8;

export interface Scrolling extends Frames {
  /** Until all videos were loaded. */
  loadedS: number;
  /** In the page by then. */
  cards: number;
}

/** Loads {@link VIDEOS} videos, scrolls through the newest and reads Chromium's trace of it. */
export async function measureScrolling(browser: Browser, url: string): Promise<Scrolling> {
  const walk = await PageWalk.open(browser, 'about:blank', { viewport: { width: 1440, height: 900 } });
  await serveVideos(walk.page);
  await walk.page.goto(url);
  await walk.cards.first().waitFor();
  const loading = performance.now();
  for (let loaded = 0; loaded < VIDEOS; loaded = Number.parseInt(await count(walk), 10)) {
    await walk.page.keyboard.press('End');
    await walk.page.waitForTimeout(50);
  }
  const loadedS = (performance.now() - loading) / 1000;
  const cards = await walk.cards.count();
  await walk.page.keyboard.press('Home');
  await walk.page.waitForTimeout(1_000);

  const devtools = await walk.context.newCDPSession(walk.page);
  await browser.startTracing(walk.page, {
    categories: ['disabled-by-default-devtools.timeline.frame', 'devtools.timeline'],
  });
  await devtools.send('Input.synthesizeScrollGesture', {
    x: 900,
    y: 600,
    yDistance: -SPEED * SECONDS,
    speed: SPEED,
    gestureSourceType: 'mouse',
  });
  const frames = framesOf(await browser.stopTracing());
  await walk.close();
  return { ...frames, loadedS, cards };
}

async function count({ page }: PageWalk): Promise<string> {
  return (await page.locator('.library-count').textContent()) ?? '0';
}

/**
 * `npm run check:page`: scrolls through a gallery of 10,000 videos and counts the frames that Chromium draws, by its
 * own trace. The service and the page are real; the videos and their pictures are answers of this program.
 */
import { launchChromium } from '../harness/page/browser.ts';
import { PageWalk } from '../harness/page/page-walk.ts';
import { WholeService } from '../harness/services/whole-service.ts';
import { framesOf } from './frames.ts';
import { VIDEOS, serveVideos } from './videos.ts';

/** Fewer look jerky. */
const LEAST_PER_SECOND = 50;
/** In px per second: about five rows. */
const SPEED = 1_200;
const SECONDS = 8;

const service = await WholeService.start({});
const browser = await launchChromium();
try {
  const walk = await PageWalk.open(browser, 'about:blank', { viewport: { width: 1440, height: 900 } });
  await serveVideos(walk.page);
  await walk.page.goto(service.service.apiUrl);
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
  process.stdout.write(
    `${VIDEOS} videos loaded in ${loadedS.toFixed(1)} s, ${cards} cards in the page; ` +
      `${frames.perSecond.toFixed(1)} frames/s over ${frames.seconds.toFixed(1)} s, longest ${frames.longestMs.toFixed(0)} ms\n`,
  );
  if (frames.perSecond < LEAST_PER_SECOND) {
    process.stderr.write(`Fewer than ${LEAST_PER_SECOND} frames/s: is the machine busy?\n`);
    process.exitCode = 1;
  }
} finally {
  await browser.close();
  await service.stop();
}

async function count({ page }: PageWalk): Promise<string> {
  return (await page.locator('.library-count').textContent()) ?? '0';
}

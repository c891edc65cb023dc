/**
 * `npm run check:page`: what the page costs those who use it. The service and the page are real. Where there are many videos,
 * or an hour of them, lists and pictures are answers of this program.
 */
import { launchChromium } from '../harness/page/browser.ts';
import { spreadOf } from '../harness/measure/spread.ts';
import { WholeService } from '../harness/services/whole-service.ts';
import { firstPaints, scriptBytes } from './first-paint.ts';
import { anHourOfUse } from './hour.ts';
import { measureScrolling } from './scrolling.ts';
import { VIDEOS } from './videos.ts';

const MOST_SCRIPT_KB = 110;
const LATEST_PAINT_MS = 1_000;
const PAINTS = 9;
/** Fewer look jerky. */
const LEAST_FRAMES_PER_SECOND = 50;
/** The heap varies a little, and the list grows by a video a minute. */
const MOST_GROWTH = 1.1;

const service = await WholeService.start({});
const browser = await launchChromium();
try {
  const { apiUrl } = service.service;
  const kb = (await scriptBytes()) / 1_000;
  say(kb <= MOST_SCRIPT_KB, `script, compressed: ${kb.toFixed(1)} KB`);

  const paints = await firstPaints(browser, apiUrl, PAINTS);
  const { median, max } = spreadOf(paints);
  say(
    median <= LATEST_PAINT_MS,
    `first contentful paint over 10 Mbit/s and 40 ms, nothing cached, of ${PAINTS}: median ${median.toFixed(0)} ms, ` +
      `latest ${max.toFixed(0)} ms`,
  );

  const { perSecond, seconds, longestMs, loadedS, cards } = await measureScrolling(browser, apiUrl);
  say(
    perSecond >= LEAST_FRAMES_PER_SECOND,
    `${VIDEOS} videos loaded in ${loadedS.toFixed(1)} s, ${cards} cards in the page: ${perSecond.toFixed(1)} frames/s over ` +
      `${seconds.toFixed(1)} s, longest ${longestMs.toFixed(0)} ms`,
  );

  const { id } = await service.create({ prompt: 'a red circle', size: '96x96', num_frames: 7, num_inference_steps: 2 });
  await service.completed(id);
  const { before, after } = await anHourOfUse(browser, apiUrl, await service.content(id));
  const grown = (['heapMb', 'nodes', 'listeners'] as const).filter((kind) => after[kind] > MOST_GROWTH * before[kind]);
  say(
    grown.length === 0,
    `an hour of use: heap ${before.heapMb.toFixed(1)} MB → ${after.heapMb.toFixed(1)} MB, ` +
      `DOM nodes ${before.nodes} → ${after.nodes}, listeners ${before.listeners} → ${after.listeners}`,
  );
} finally {
  await browser.close();
  await service.stop();
}

function say(holds: boolean, line: string): void {
  process.stdout.write(`${holds ? '✓' : '✗'} ${line}\n`);
  if (!holds) process.exitCode = 1;
}

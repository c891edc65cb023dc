import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { keys } from '../../../storage/keys.ts';
import type { GenerateHeartbeat } from '../../../contract/progress.ts';
import { encodePreview } from '../../../gpu-worker/previews/encode-preview.ts';
import { findChromium, launchChromium } from '../../../tools/harness/page/browser.ts';
import { gate } from '../../../tools/harness/gate.ts';
import { PageWalk } from '../../../tools/harness/page/page-walk.ts';
import type { Generate } from '../../../tools/harness/services/stand-in-harness.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

jest.setTimeout(240_000);

let service: StandInService;
let browser: Browser;
let walk: PageWalk;
/** What the running test lets go. */
let going = gate();
let saved = gate();

const open = async (path = '/') => (walk = await PageWalk.open(browser, `${service.api.url}${path}`));
const card = (prompt: string) => walk.cards.filter({ has: walk.page.getByRole('link', { name: prompt, exact: true }) });

/** A job that says the same again and again, so that it counts as alive, until the test lets it go. */
function held(state: () => Partial<GenerateHeartbeat>): Generate {
  return async (_, beat) => {
    const beating = setInterval(() => beat(state()), 200);
    beat(state());
    await going.opened;
    clearInterval(beating);
  };
}

(findChromium() === null ? describe.skip : describe)(
  'what the page tells of videos while they are made, in a real browser (skipped without Chromium)',
  () => {
    beforeAll(async () => {
      [service, browser] = await Promise.all([StandInService.start(), launchChromium()]);
      await service.line.startCpuWorker();
      await service.line.startGpuWorker();
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await service?.stop();
    }, 60_000);
    afterEach(async () => {
      going.open();
      saved.open();
      service.line.generate = async () => {};
      service.line.published = async () => {};
      await walk?.close();
    });

    it('shows what was made elsewhere to a page that lies idle', async () => {
      const first = await service.create({ prompt: 'there before' });
      await service.finished(first.id);
      await open();
      await card('there before').waitFor();
      await service.create({ prompt: 'by a program' });
      await card('by a program').waitFor();
      await service.finished(first.id);
      await service.openai.videos.delete(first.id);
      await card('there before').waitFor({ state: 'detached' });
    });

    it('keeps the last preview while the video is saved, after a reload too, until there is a video', async () => {
      going = gate();
      saved = gate();
      service.line.generate = async (input, beat) => {
        const grey = { data: new Uint8Array(3 * 64).fill(99), width: 8, height: 8 };
        await service.api.scratch.put(keys.preview(input.videoId), Buffer.from(await encodePreview(grey, 4)));
        await held(() => ({ phase: 'denoising', step: 4, previewStep: 4 }))(input, beat);
      };
      service.line.published = () => saved.opened;
      const { id } = await service.create();
      await open(`/?video=${id}`);
      const picture = walk.stage.locator('.picture-preview');
      await walk.stage.getByRole('img', { name: 'Preview after step 4' }).waitFor();
      going.open();
      await walk.phase(/Saving/).waitFor();
      expect(await picture.isVisible()).toBe(true);
      await walk.page.reload();
      await walk.phase(/Saving/).waitFor();
      await picture.waitFor();
      saved.open();
      // The files of this line are none that a browser plays.
      await walk.stage.getByText(/file of this video cannot be loaded/).waitFor();
      expect(await picture.count()).toBe(0);
    });

    it('tells a time left that does not jump, and never more than there is until the deadline', async () => {
      going = gate();
      let state: Partial<GenerateHeartbeat> = { phase: 'denoising', step: 0, steps: 3, etaSeconds: 60 };
      service.line.generate = held(() => state);
      const { id } = await service.create();
      await open(`/?video=${id}`);
      const left = walk.stage.locator('.progress-left');
      await left.getByText(/about [56]0 s left/).waitFor();
      state = { ...state, step: 1, etaSeconds: 52 };
      await walk.phase(/step 1 of 3/).waitFor();
      state = { ...state, step: 2, etaSeconds: 130 };
      await walk.phase(/step 2 of 3/).waitFor();
      // One slow step says nothing yet.
      expect(await left.textContent()).toMatch(/about [3-6]0 s left/);
      await left.getByText('about 2 min left').waitFor();
      going.open();
      await service.finished(id);

      going = gate();
      state = { ...state, etaSeconds: 600 };
      const hurried = await service.create({ deadline_seconds: 200 });
      await walk.page.goto(`${service.api.url}/?video=${hurried.id}`);
      await walk.stage.getByText(/Wanted by/).waitFor();
      await left.getByText(/about [123] min left/).waitFor();
    });

    it('asks ever more seldom while there is no network, goes on at once with it, and no longer says there is none', async () => {
      going = gate();
      service.line.generate = held(() => ({ phase: 'denoising', step: 1 }));
      const { id } = await service.create();
      await open(`/?video=${id}`);
      await walk.page.clock.install();
      await walk.page.reload();
      await walk.phase(/Denoising/).waitFor();
      const asked = new Map<string, number>();
      walk.page.on('request', (request) => asked.set(request.url(), (asked.get(request.url()) ?? 0) + 1));
      await walk.context.setOffline(true);
      // A stream that is open already may go on.
      await walk.setHidden(true);
      await walk.setHidden(false);
      await walk.page.getByText(/You are offline/).waitFor();
      for (let ms = 0; ms < 30_000; ms += 250) {
        await walk.page.clock.runFor(250);
        await sleep(10);
      }
      const streams = asked.get(`${service.api.url}/v1/videos/${id}/events`);
      process.stdout.write(`without a network for 30 s: ${streams} tries of the stream\n`);
      expect(streams).toBeGreaterThan(1);
      expect(Math.max(...asked.values())).toBeLessThanOrEqual(10);
      await walk.context.setOffline(false);
      await walk.page.getByText(/You are offline|does not answer/).waitFor({ state: 'detached' });
      going.open();
      await walk.stage.getByText(/cannot be loaded/).waitFor();
    });

    it('takes back what it said of an outage when that is over, though nothing else is asked for', async () => {
      await open();
      await walk.page.getByRole('radio').first().waitFor();
      await walk.page.getByLabel('What should the video show?').fill('a red circle');
      await walk.page.route('**/v1/**', (route) => route.abort());
      await walk.page.getByRole('button', { name: 'Make the video' }).click();
      const words = walk.page.getByText(/The server does not answer/);
      await walk.page
        .locator('.composer')
        .getByText(/The server does not answer/)
        .waitFor();
      expect(await words.count()).toBe(2);
      await walk.page.unroute('**/v1/**');
      await walk.page
        .locator('.connection')
        .getByText(/does not answer/)
        .waitFor({ state: 'detached' });
      await words.waitFor({ state: 'detached' });
    });

    it('leaves a server alone for as long as that asks to be', async () => {
      going = gate();
      service.line.generate = held(() => ({ phase: 'denoising', step: 1 }));
      const { id } = await service.create();
      await open();
      let streams = 0;
      await walk.page.clock.install();
      await walk.page.route('**/events', (route) => {
        streams++;
        return route.fulfill({ status: 503, headers: { 'retry-after': '60' }, json: { error: {} } });
      });
      const first = walk.page.waitForResponse(/\/events$/);
      await walk.page.goto(`${service.api.url}/?video=${id}`);
      const pass = async (seconds: number) => {
        for (let s = 0; s < seconds; s++) {
          await walk.page.clock.runFor(1_000);
          await walk.page.evaluate("dispatchEvent(new Event('focus'))");
          await sleep(20);
        }
      };
      await first;
      await pass(50);
      expect(streams).toBe(1);
      await pass(15);
      expect(streams).toBe(2);
    });
  },
);

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { findChromium, launchChromium } from '../../../tools/harness/page/browser.ts';
import { PageWalk } from '../../../tools/harness/page/page-walk.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

jest.setTimeout(240_000);

/** More than the API lists at a time. */
const NEWER = 104;

let service: StandInService;
let browser: Browser;

(findChromium() === null ? describe.skip : describe)(
  "the page's cards below the newest hundred, in a real browser (skipped without Chromium)",
  () => {
    beforeAll(async () => {
      [service, browser] = await Promise.all([StandInService.start({ timeoutMs: 15_000 }), launchChromium()]);
      await service.line.startCpuWorker();
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await service?.stop();
    }, 60_000);

    it('tell how it stands with their videos', async () => {
      const ended = await service.create({ prompt: 'the oldest' });
      const deleted = await service.create({ prompt: 'the next' });
      for (let made = 0; made < NEWER; made += 8) {
        await Promise.all(Array.from({ length: 8 }, () => service.create({ prompt: 'another' })));
      }
      const walk = await PageWalk.open(browser, service.api.url);
      const card = (prompt: string) =>
        walk.cards.filter({ has: walk.page.getByRole('link', { name: prompt, exact: true }) });
      const older = walk.page.locator('.gallery-older');
      await older.waitFor();
      while ((await older.count()) > 0) {
        await older.click();
        await older.and(walk.page.locator('[aria-disabled="true"]')).waitFor({ state: 'detached' });
      }
      await card('the oldest').getByText(/queue/).waitFor();
      expect(await walk.cards.count()).toBeGreaterThan(100);
      await service.request(`/${ended.id}/cancel`, 'POST');
      await card('the oldest').getByRole('heading', { name: 'Cancelled' }).waitFor();
      await service.openai.videos.delete(deleted.id);
      await card('the next').waitFor({ state: 'detached' });
      await walk.close();
    });
  },
);

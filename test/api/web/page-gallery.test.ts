import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { LocalStore } from '../../../storage/local.ts';
import { loadProfile } from '../../../platform/model/model-profile.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { MOCHI_TINY } from '../../../tools/harness/model/model-folder.ts';
import { startTestApi } from '../../support/services/api.ts';
import { findChromium, launchChromium } from '../../../tools/harness/page/browser.ts';
import { PageWalk, QUICK } from '../../../tools/harness/page/page-walk.ts';
import { WholeService } from '../../../tools/harness/services/whole-service.ts';

// On a busy machine a video takes ten times its usual seconds.
jest.setTimeout(300_000);

let kinora: WholeService;
let browser: Browser;
let walk: PageWalk;

const open = async (options: BrowserContextOptions = {}, url = kinora.service.apiUrl) =>
  (walk = await PageWalk.open(browser, url, options));

(findChromium() === null ? describe.skip : describe)(
  "the page's gallery and manners, in a real browser (skipped without Chromium)",
  () => {
    beforeAll(async () => {
      [kinora, browser] = await Promise.all([WholeService.start({ CHECKPOINT_STEPS: '5' }), launchChromium()]);
      const { id } = await kinora.create({
        prompt: 'a red circle',
        size: '96x96',
        num_frames: 7,
        num_inference_steps: 2,
      });
      await kinora.completed(id);
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      await kinora?.stop();
    }, 60_000);
    afterEach(() => walk?.close());

    it('plays and downloads from the gallery, and scrubs through a clip under the mouse', async () => {
      await open();
      const card = walk.cards.filter({ has: walk.page.getByRole('button', { name: /^Play/ }) }).first();
      const poster = card.getByRole('button', { name: /^Play/ });
      await poster.locator('img').waitFor();
      await card.getByText(/kept until/).waitFor();
      await poster.scrollIntoViewIfNeeded();
      const box = (await poster.boundingBox())!;
      const tile = async (part: number) => {
        await walk.page.mouse.move(box.x + box.width * part, box.y + box.height / 2);
        return await poster.locator('.poster-sheet').evaluate((sheet) => sheet.style.backgroundPosition);
      };
      expect(await tile(0.05)).not.toBe(await tile(0.9));

      const [download] = await Promise.all([
        walk.page.waitForEvent('download'),
        card.getByRole('button', { name: 'Download' }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/^video_.*-seed-\d+\.mp4$/);
      expect((await readFile(await download.path())).subarray(4, 8).toString()).toBe('ftyp');
      await poster.click();
      await walk.videoIsShown();
      expect(walk.videoId()).not.toBe('');
      expect(walk.complaints).toEqual([]);
    });

    it('shows a poster once the server can give it, and says of a removed one that it is', async () => {
      await open();
      await walk.cards.locator('.poster img').first().waitFor();
      const refused: string[] = [];
      const thumbnails = /variant=thumbnail/;
      await walk.page.route(thumbnails, (route) => {
        refused.push(route.request().url());
        return refused.length > 2 ? route.continue() : route.fulfill({ status: 503, body: '' });
      });
      await walk.page.reload();
      await walk.cards.locator('.poster img[src^="blob:"]').first().waitFor();
      expect(await walk.page.getByText('have been removed').count()).toBe(0);

      await walk.page.unroute(thumbnails);
      await walk.page.route(thumbnails, (route) => route.fulfill({ status: 410, body: '' }));
      await walk.page.reload();
      await walk.cards.getByText('The files have been removed').first().waitFor();
      await expect(walk.axe()).resolves.toEqual([]);
    });

    it('deletes only after a question, from the page and from the server', async () => {
      await open();
      const id = await walk.submit('an orange ball rising on a gray background', QUICK);
      await walk.videoIsShown();
      await walk.stage.getByRole('button', { name: 'Delete' }).click();
      await expect(walk.axe()).resolves.toEqual([]);
      await walk.page.keyboard.press('Escape');
      expect(await walk.stage.locator('video').count()).toBe(1);
      await walk.stage.getByRole('button', { name: 'Delete' }).click();
      await walk.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await walk.page.getByText('Deleted.').waitFor();
      expect(walk.videoId()).toBe('');
      expect(await walk.page.locator(`a[href="?video=${id}"]`).count()).toBe(0);
      expect((await fetch(`${kinora.service.apiUrl}/v1/videos/${id}`)).status).toBe(404);
      await walk.page.goto(`${kinora.service.apiUrl}/?video=${id}`);
      await walk.stage.getByText(/There is no such video/).waitFor();
    });

    it('pages through older videos', async () => {
      await Promise.all(
        Array.from({ length: 13 }, (_, i) =>
          kinora.create({ prompt: `a red circle, ${i}`, size: '64x64', num_frames: 7, num_inference_steps: 2 }),
        ),
      );
      await open();
      await walk.page.getByRole('button', { name: 'Show older videos' }).click();
      await walk.cards.nth(12).waitFor();
      const addresses = await walk.page
        .locator('.video-card-prompt')
        .evaluateAll((links) => links.map((a) => a.getAttribute('href')));
      expect(new Set(addresses).size).toBe(addresses.length);
      // Times stay true in a page that lies open.
      await walk.cards.first().getByText('just now').waitFor();
      await walk.page.clock.install({ time: Date.now() });
      await walk.page.reload();
      await walk.cards.first().getByText('just now').waitFor();
      await walk.page.clock.fastForward('05:00');
      await walk.cards
        .first()
        .getByText(/[56] min ago/)
        .waitFor();
    });

    it('is one column on a phone, dark where the system is, still where motion is unwelcome, and never too pale', async () => {
      await open({
        viewport: { width: 360, height: 740 },
        colorScheme: 'dark',
        reducedMotion: 'reduce',
        hasTouch: true,
      });
      await walk.cards.getByRole('button', { name: /^Play/ }).first().click();
      await walk.videoIsShown();
      expect(await walk.stage.locator('video').evaluate((video: { paused: boolean }) => video.paused)).toBe(true);
      // Brought into view, from far below.
      expect(await walk.stage.evaluate((stage) => stage.getBoundingClientRect().top)).toBeLessThan(370);
      expect(await walk.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      expect(await walk.page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(21, 20, 18)');
      const lefts = await walk.cards.evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().left));
      expect(new Set(lefts).size).toBe(1);
      await expect(walk.axe()).resolves.toEqual([]);
    });

    it('is worked with the keyboard alone', async () => {
      await open();
      await walk.page.getByRole('button', { name: 'Make the video' }).waitFor();
      const { keyboard } = walk.page;
      const focused = () =>
        walk.page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.tagName');
      while ((await focused()) !== 'TEXTAREA') await keyboard.press('Tab');
      await keyboard.type('a purple square pulsing on a white background');
      await keyboard.press('Control+Enter');
      await walk.stage.getByRole('heading', { name: 'a purple square pulsing on a white background' }).waitFor();
      const press = async (name: string) => {
        while ((await walk.page.evaluate('document.activeElement.textContent.trim()')) !== name)
          await keyboard.press('Tab');
        await keyboard.press('Enter');
      };
      await press('Cancel');
      await walk.stage.getByRole('heading', { name: 'Cancelled' }).waitFor();
      await press('Delete');
      // The dialog begins with the harmless answer.
      await walk.page.getByRole('button', { name: 'Keep' }).and(walk.page.locator(':focus')).waitFor();
      await press('Delete');
      await walk.page.getByText('Deleted.').waitFor();
      await walk.page.getByRole('heading', { name: 'Your videos' }).and(walk.page.locator(':focus')).waitFor();
    });

    it('asks for a key where the server wants one, says what is wrong with it, and what limit is reached', async () => {
      const client = new Client({ connection: await Connection.connect({ address: kinora.temporalAddress }) });
      const guarded = await startTestApi({
        client: () => client,
        artefacts: new LocalStore(join(kinora.folder, 'artefacts')),
        profile: await loadProfile(MOCHI_TINY),
        temporalUiUrl: 'http://127.0.0.1:1/namespaces/default',
        accounts: await testRegistry({ id: 'default', keys: ['of-us'], limits: { requests_per_minute: 1 } }),
      });
      try {
        await open({}, guarded.url);
        const field = walk.page.getByLabel('API key');
        const { x, width } = (await field.boundingBox())!;
        expect(Math.abs(x + width / 2 - 640)).toBeLessThan(20);
        await field.fill('wrong');
        await expect(walk.axe()).resolves.toEqual([]);
        await walk.page.getByRole('button', { name: 'Use this key' }).click();
        await walk.page.getByText(/did not accept the key/).waitFor();
        await field.fill('of-us');
        await walk.page.getByRole('button', { name: 'Use this key' }).click();

        // Files come with the key too.
        await walk.cards.getByRole('button', { name: /^Play/ }).first().click();
        await walk.plays();
        expect(await walk.page.getByRole('link', { name: /Temporal/ }).count()).toBe(0);
        await walk.submit('a red circle', QUICK);
        await walk.page.getByRole('button', { name: 'Make the video' }).click();
        await walk.page.getByText(/You have reached a limit.*You can try again in/).waitFor();
      } finally {
        await guarded.stop();
        await client.connection.close();
      }
    });
  },
);

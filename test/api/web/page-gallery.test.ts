import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import { LocalStore } from '../../../storage/local.ts';
import { loadProfile } from '../../../platform/model/model-profile.ts';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { MOCHI_TINY } from '../../../tools/harness/model/model-folder.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { wholePage } from '../../support/page/page-harness.ts';
import { startTestApi } from '../../support/services/api.ts';
import { QUICK } from '../../../tools/harness/page/page-walk.ts';

describeWith('chromium')("the page's gallery, small screens, keyboard and keys, in a real browser", () => {
  const harness = wholePage();
  beforeAll(async () => {
    const shape = { size: '96x96', num_frames: 7, num_inference_steps: 2 };
    const { id } = await harness.service.create({ prompt: 'a red circle', ...shape });
    await harness.service.completed(id);
  });

  it('plays and downloads from the gallery, and scrubs through a clip under the mouse', async () => {
    const walk = await harness.open();
    const card = walk.cards.filter({ has: walk.page.getByRole('button', { name: /^Play/ }) }).first();
    const poster = card.getByRole('button', { name: /^Play/ });
    await poster.locator('.poster-still').waitFor();
    await poster.hover();
    await card.getByRole('button', { name: 'More' }).click();
    await card.getByText(/Kept until/).waitFor();
    await walk.page.keyboard.press('Escape');
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

  it('shows a poster once the server has it, and says when it was removed', async () => {
    const walk = await harness.open();
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

  it('pages through older videos', async () => {
    await Promise.all(
      Array.from({ length: 25 }, (_, i) =>
        harness.service.create({ prompt: `a red circle, ${i}`, size: '64x64', num_frames: 7, num_inference_steps: 2 }),
      ),
    );
    const walk = await harness.open();
    // The last one is on a later page of the list.
    const last = walk.card('a red circle');
    for (
      const end = Date.now() + PATIENCE_MS, pause = pauses();
      !(await last.isVisible()) && Date.now() < end;
      await pause()
    ) {
      await walk.page.keyboard.press('End');
    }
    await last.scrollIntoViewIfNeeded();
    const addresses = await walk.page
      .locator('.video-card-prompt')
      .evaluateAll((links) => links.map((a) => a.getAttribute('href')));
    expect(new Set(addresses).size).toBe(addresses.length);
    // Times stay true in a page that is left open.
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

  it('fits a phone without scrolling sideways, and has a dark scheme, no motion where the system asks for none, and enough contrast', async () => {
    const walk = await harness.open('/', {
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
      reducedMotion: 'reduce',
      hasTouch: true,
    });
    await walk.cards.getByRole('button', { name: /^Play/ }).first().click();
    await walk.videoIsShown();
    expect(await walk.featured.locator('video').evaluate((video: { paused: boolean }) => video.paused)).toBe(true);
    // Scrolled into view, from far below.
    expect(await walk.featured.evaluate((region) => region.getBoundingClientRect().top)).toBeLessThan(370);
    expect(await walk.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await walk.page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
      'rgb(15, 15, 14)',
    );
    const lefts = await walk.cards.evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().left));
    expect(new Set(lefts).size).toBe(2);
    await expect(walk.axe()).resolves.toEqual([]);
  });

  it('can be used with the keyboard alone', async () => {
    const walk = await harness.open();
    await walk.generate.waitFor();
    const { keyboard } = walk.page;
    const focused = () =>
      walk.page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.tagName');
    while ((await focused()) !== 'TEXTAREA') await keyboard.press('Tab');
    await keyboard.type('a purple square pulsing on a white background');
    await keyboard.press('Control+Enter');
    await walk.featured.getByRole('heading', { name: 'a purple square pulsing on a white background' }).waitFor();
    const press = async (name: string) => {
      const focusedName = `(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).trim()`;
      while ((await walk.page.evaluate(focusedName)) !== name) await keyboard.press('Tab');
      await keyboard.press('Enter');
    };
    await press('Cancel');
    await walk.featured.getByRole('heading', { name: 'Cancelled' }).waitFor();
    await walk.isFocused(walk.featured.getByRole('button', { name: 'Edit' }));
    await press('More');
    for (const key of ['d', 'Enter']) await keyboard.press(key);
    await walk.page.getByText('Deleted.').waitFor();
    await walk.isFocused(walk.cards.first().getByRole('link'));
  });

  it('asks for a key where the server requires one, says what is wrong with it, and what limit is reached', async () => {
    const client = new Client({ connection: await Connection.connect({ address: harness.service.temporalAddress }) });
    const guarded = await startTestApi({
      client: () => client,
      artefacts: new LocalStore(join(harness.service.folder, 'artefacts')),
      profile: await loadProfile(MOCHI_TINY),
      temporalUiUrl: 'http://127.0.0.1:1/namespaces/default',
      accounts: await testRegistry({ id: 'default', keys: ['of-us'], limits: { requests_per_minute: 1 } }),
    });
    try {
      const walk = await harness.open(guarded.url);
      const field = walk.page.getByLabel('API key');
      const { x, width } = (await field.boundingBox())!;
      expect(Math.abs(x + width / 2 - 640)).toBeLessThan(20);
      await field.fill('wrong');
      await expect(walk.axe()).resolves.toEqual([]);
      await walk.page.getByRole('button', { name: 'Use this key' }).click();
      await walk.page.getByText(/did not accept the key/).waitFor();
      await field.fill('of-us');
      await walk.page.getByRole('button', { name: 'Use this key' }).click();

      // Files are fetched with the key too.
      await walk.cards.getByRole('button', { name: /^Play/ }).first().click();
      await walk.plays();
      expect(await walk.page.getByRole('link', { name: /Temporal/ }).count()).toBe(0);
      await walk.submit('a red circle', QUICK);
      await walk.generate.click();
      await walk.page.getByText(/You have reached a limit.*Try again in/).waitFor();
    } finally {
      await guarded.stop();
      await client.connection.close();
    }
  });
});

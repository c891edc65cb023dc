import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { VideoShare } from '../../../api/sharing/schema.ts';
import { PATIENCE_MS } from '../../../tools/harness/patience.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { wholePage } from '../../support/page/page-harness.ts';

const PROMPT = 'a red circle moving left on a black background';
const TINY = { prompt: PROMPT, size: '96x96', num_frames: 7, num_inference_steps: 4 };

/** Plays the page's video, as a visitor does who presses the button, until some of its frames were shown. */
async function play(page: Page): Promise<void> {
  const time = () =>
    page.locator('video').evaluate(async (element: { play(): Promise<void>; currentTime: number }) => {
      await element.play();
      return element.currentTime;
    });
  for (const end = Date.now() + PATIENCE_MS; (await time()) < 0.1; await sleep(50)) {
    if (Date.now() > end) throw new Error('the video does not play');
  }
}

describeWith('chromium')('the page of a share link, in a real browser', () => {
  const harness = wholePage();
  let id: string;

  beforeAll(async () => {
    ({ id } = await harness.service.create(TINY));
    await harness.service.completed(id);
  });

  async function share(fields: object): Promise<VideoShare> {
    const response = await fetch(`${harness.url}/v1/videos/${id}/share`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    });
    return (await response.json()) as VideoShare;
  }

  it.each(['light', 'dark'] as const)('plays the video without scripts, in %s colours', async (colorScheme) => {
    const { url } = await share({ show_prompt: true });
    const walk = await harness.open(url, { colorScheme });
    await walk.page.getByRole('heading', { name: PROMPT }).waitFor();
    // The poster is there before anything is played.
    const poster = await walk.page.locator('video').evaluate((element: { poster: string }) => element.poster);
    expect((await walk.page.request.get(poster)).headers()['content-type']).toBe('image/webp');
    await play(walk.page);
    await expect(walk.axe()).resolves.toEqual([]);
    const ground = await walk.page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(ground).toBe(colorScheme === 'light' ? 'rgb(246, 244, 239)' : 'rgb(21, 20, 18)');
    expect([...walk.hosts]).toEqual([new URL(harness.url).host]);
    expect(walk.complaints).toEqual([]);
  });

  it('fits a phone, works with scripts switched off, and does not show a prompt that is not to be seen', async () => {
    const { url } = await share({});
    const walk = await harness.open(url, { javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
    await walk.page.getByRole('heading', { name: 'A generated video' }).waitFor();
    expect(await walk.page.content()).not.toContain(PROMPT);
    const { width, x } = (await walk.page.locator('video').boundingBox())!;
    expect(x + width).toBeLessThanOrEqual(320);
    expect(walk.complaints).toEqual([]);
  });

  it('says in plain English that a revoked link leads nowhere', async () => {
    const { url, id: shareId } = await share({});
    await fetch(`${harness.url}/v1/videos/${id}/shares/${shareId}`, { method: 'DELETE' });
    const walk = await harness.open(url);
    await walk.page.getByRole('heading', { name: 'There is no video here' }).waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
  });
});

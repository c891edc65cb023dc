import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { keys } from '../../../storage/keys.ts';
import type { GenerateHeartbeat } from '../../../contract/progress.ts';
import { encodePreview } from '../../../gpu-worker/previews/encode-preview.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { StandInPage } from '../../support/page/page-harness.ts';

describeWith('chromium')("the page's updates, in a real browser", () => {
  const harness = new StandInPage();

  it('show a video that a program created to a page that is left open', async () => {
    const first = await harness.service.create({ prompt: 'there before' });
    await harness.service.finished(first.id);
    const walk = await harness.open();
    await walk.card('there before').waitFor();
    await harness.service.create({ prompt: 'by a program' });
    await walk.card('by a program').waitFor();
    await harness.service.finished(first.id);
    await harness.service.openai.videos.delete(first.id);
    await walk.card('there before').waitFor({ state: 'detached' });
  });

  it('keep the last preview while the video is saved, after a reload too, until the video can be played', async () => {
    const grey = { data: new Uint8Array(3 * 64).fill(99), width: 8, height: 8 };
    const preview = Buffer.from(await encodePreview(grey, 4));
    const generate = harness.holdGenerate(
      () => ({ phase: 'denoising', step: 4, previewStep: 4 }),
      async ({ videoId }) => void (await harness.service.api.scratch.put(keys.preview(videoId), preview)),
    );
    const upload = harness.holdUpload();
    const { id } = await harness.service.create();
    const walk = await harness.open(`/?video=${id}`);
    const picture = walk.featured.locator('.picture-preview');
    await walk.featured.getByRole('img', { name: 'Preview after step 4' }).waitFor();
    generate();
    await walk.phase(/Saving/).waitFor();
    expect(await picture.isVisible()).toBe(true);
    await walk.page.reload();
    await walk.phase(/Saving/).waitFor();
    await picture.waitFor();
    upload();
    // No browser can play a stand-in's file.
    await walk.featured.getByText(/file of this video cannot be loaded/).waitFor();
    expect(await picture.count()).toBe(0);
  });

  it('show a time left that does not jump, and never more than the time until the deadline', async () => {
    let state: Partial<GenerateHeartbeat> = { phase: 'denoising', step: 0, steps: 3, etaSeconds: 60 };
    const finish = harness.holdGenerate(() => state);
    const { id } = await harness.service.create();
    const walk = await harness.open(`/?video=${id}`);
    const left = walk.featured.locator('.progress-left');
    await left.getByText(/about [56]0 s left/).waitFor();
    state = { ...state, step: 1, etaSeconds: 52 };
    await walk.phase(/step 1 of 3/).waitFor();
    state = { ...state, step: 2, etaSeconds: 130 };
    await walk.phase(/step 2 of 3/).waitFor();
    // One slow step is not believed yet.
    expect(await left.textContent()).toMatch(/about [3-6]0 s left/);
    await left.getByText('about 2 min left').waitFor();
    finish();
    await harness.service.finished(id);

    harness.holdGenerate(() => state);
    state = { ...state, etaSeconds: 600 };
    const urgent = await harness.service.create({ deadline_seconds: 200 });
    await walk.page.goto(`${harness.url}/?video=${urgent.id}`);
    await walk.featured.getByText(/Stops at .*, even if unfinished/).waitFor();
    await left.getByText(/about [123] min left/).waitFor();
  });

  it('are requested less and less often without a network, and at once when it is back', async () => {
    const finish = harness.holdGenerate(() => ({ phase: 'denoising', step: 1 }));
    const { id } = await harness.service.create();
    const walk = await harness.open(`/?video=${id}`);
    await walk.page.clock.install();
    await walk.page.reload();
    await walk.phase(/Denoising/).waitFor();
    const requests = new Map<string, number>();
    walk.page.on('request', (request) => requests.set(request.url(), (requests.get(request.url()) ?? 0) + 1));
    await walk.context.setOffline(true);
    // An open stream would survive: hiding the tab ends it.
    await walk.setHidden(true);
    await walk.setHidden(false);
    await walk.page.getByText(/You are offline/).waitFor();
    for (let ms = 0; ms < 30_000; ms += 250) {
      await walk.page.clock.runFor(250);
      await sleep(10);
    }
    const streams = requests.get(`${harness.url}/v1/videos/${id}/events`);
    process.stdout.write(`without a network for 30 s: ${streams} requests for the stream\n`);
    expect(streams).toBeGreaterThan(1);
    expect(Math.max(...requests.values())).toBeLessThanOrEqual(10);
    await walk.context.setOffline(false);
    await walk.page.getByText(/You are offline|is not responding/).waitFor({ state: 'detached' });
    finish();
    await walk.featured.getByText(/cannot be loaded/).waitFor();
  });

  it('clear the messages of an outage when it ends, even if nothing else is requested', async () => {
    const walk = await harness.open();
    await walk.page.getByRole('radio').first().waitFor();
    await walk.prompt.fill('a red circle');
    await walk.page.route('**/v1/**', (route) => route.abort());
    await walk.generate.click();
    const messages = walk.page.getByText(/The server is not responding/);
    await walk.page
      .locator('.composer')
      .getByText(/The server is not responding/)
      .waitFor();
    expect(await messages.count()).toBe(2);
    await walk.page.unroute('**/v1/**');
    await walk.page
      .locator('.connection')
      .getByText(/is not responding/)
      .waitFor({ state: 'detached' });
    await messages.waitFor({ state: 'detached' });
  });

  it("wait for as long as the server's retry-after says", async () => {
    harness.holdGenerate(() => ({ phase: 'denoising', step: 1 }));
    const { id } = await harness.service.create();
    const walk = await harness.open();
    let streams = 0;
    await walk.page.clock.install();
    await walk.page.route('**/events', (route) => {
      streams++;
      return route.fulfill({ status: 503, headers: { 'retry-after': '600' }, json: { error: {} } });
    });
    const first = walk.page.waitForResponse(/\/events$/);
    await walk.page.goto(`${harness.url}/?video=${id}`);
    const pass = async (seconds: number) => {
      for (let s = 0; s < seconds; s += 10) {
        await walk.page.clock.runFor(10_000);
        await walk.page.evaluate("dispatchEvent(new Event('focus'))");
        await sleep(20);
      }
    };
    await first;
    // The real time that all this takes is added to the page's clock.
    await pass(300);
    expect(streams).toBe(1);
    await pass(310);
    expect(streams).toBe(2);
  });
});

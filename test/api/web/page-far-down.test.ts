import { expect, it } from 'vitest';
import { describeWith } from '../../support/needs/with-needs.ts';
import { StandInPage } from '../../support/page/page-harness.ts';

/** More than fit on one page of the API's list. */
const NEWER = 104;

describeWith('chromium')("the page's cards below the newest hundred, in a real browser", () => {
  const harness = new StandInPage({ gpuWorker: false, timeoutMs: 15_000 });

  it('show when their videos are cancelled or deleted, and stay where they are when a new one is made', async () => {
    const cancelled = await harness.service.create({ prompt: 'the oldest' });
    const deleted = await harness.service.create({ prompt: 'the next' });
    for (let made = 0; made < NEWER; made += 8) {
      await Promise.all(Array.from({ length: 8 }, () => harness.service.create({ prompt: 'another' })));
    }
    const walk = await harness.open();
    await walk.cards.first().waitFor();
    // Each page of the list is loaded as its end comes near.
    while ((await walk.card('the oldest').count()) === 0) {
      await walk.page.keyboard.press('End');
      await walk.page.waitForTimeout(100);
    }
    await walk
      .card('the oldest')
      .getByText(/queue|Waiting/)
      .waitFor();
    // Cards far from the window are not there.
    expect(await walk.cards.count()).toBeLessThan(100);
    await harness.service.request(`/${cancelled.id}/cancel`, 'POST');
    await walk.card('the oldest').getByText('Cancelled').waitFor();
    await harness.service.openai.videos.delete(deleted.id);
    await walk.card('the next').waitFor({ state: 'detached' });

    // A new one moves none of the cards under the pointer.
    const before = await walk.card('the oldest').boundingBox();
    await harness.service.create({ prompt: 'the newest' });
    const waiting = walk.page.getByRole('button', { name: '1 new video', exact: true });
    await waiting.waitFor();
    expect(await walk.card('the oldest').boundingBox()).toEqual(before);
    await expect(walk.axe()).resolves.toEqual([]);
    await waiting.click();
    await walk.card('the newest').waitFor();
    await waiting.waitFor({ state: 'detached' });
  });
});

import { expect, it } from 'vitest';
import type { BrowserContextOptions, Locator } from 'playwright-core';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import type { PageWalk } from '../../../tools/harness/page/page-walk.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { StandInPage } from '../../support/page/page-harness.ts';

const HEBREW = 'חתול כתום רוקד (cat), 3 פעמים';

/** Colours of an element's picture at these fractions of its width, at half of its height, as `r,g,b`. */
async function coloursAt(element: Locator, parts: number[]): Promise<string[]> {
  const png = (await element.screenshot()).toString('base64');
  const blank = await element.page().context().newPage();
  try {
    return await blank.evaluate<string[]>(`(async () => {
      const picture = await createImageBitmap(await (await fetch('data:image/png;base64,${png}')).blob());
      const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
      canvas.drawImage(picture, 0, 0);
      const at = (part) => canvas.getImageData(part * picture.width, picture.height / 2, 1, 1).data.slice(0, 3);
      return ${JSON.stringify(parts)}.map((part) => at(part).join());
    })()`);
  } finally {
    await blank.close();
  }
}

const style = (element: Locator, name: string) =>
  element.evaluate(
    (node, property) => (globalThis as unknown as Styles).getComputedStyle(node).getPropertyValue(property),
    name,
  );
/** The part of the DOM that is used. */
interface Styles {
  getComputedStyle(element: unknown): { getPropertyValue(name: string): string };
}

describeWith('chromium')('the page in forced colours, right to left, and for operators, in a real browser', () => {
  const harness = new StandInPage({ apiKey: 'of-ops' }, () =>
    testRegistry({ id: 'ops', keys: ['of-ops'], admin: true }, { id: 'alice', keys: ['of-alice'] }),
  );

  /** Opens the page with an operator's key. */
  async function open(path: string, options?: BrowserContextOptions): Promise<PageWalk> {
    const walk = await harness.open(path, options);
    await walk.page.getByLabel('API key').fill('of-ops');
    await walk.page.getByRole('button', { name: 'Use this key' }).click();
    await walk.page.getByRole('radio').first().waitFor();
    return walk;
  }

  it('shows progress, the featured card and messages in forced colours', async () => {
    harness.holdGenerate(() => ({ phase: 'denoising', step: 1, steps: 2, etaSeconds: 50 }));
    const { id } = await harness.service.create({ prompt: 'a red circle' });
    const walk = await open(`/?video=${id}`, { forcedColors: 'active' });
    await walk.phase(/step 1 of 2/).waitFor();
    const [done, left] = await coloursAt(walk.featured.getByRole('progressbar'), [0.1, 0.9]);
    expect(done).not.toBe(left);
    expect(await style(walk.page.locator('.video-card-featured .cell'), 'outline-style')).toBe('solid');
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.choose('Copy prompt');
    const toast = walk.page.locator('.toast-message');
    await toast.waitFor();
    expect(await style(toast, 'border-top-style')).toBe('solid');
  });

  it('shows prompts of right-to-left scripts from right to left, wherever they are typed or displayed', async () => {
    const made = await harness.service.create({ prompt: HEBREW, negative_prompt: HEBREW });
    await harness.service.finished(made.id);
    const walk = await open(`/?video=${made.id}`);
    await walk.featured.getByRole('button', { name: 'Edit' }).click();
    await walk.page.getByText('More settings').click();
    for (const element of [
      walk.prompt,
      walk.page.getByLabel('Negative prompt'),
      walk.featured.locator('.caption-prompt'),
      walk.featured.locator('.caption-note bdi'),
      walk.cards.locator('.video-card-prompt', { hasText: HEBREW }),
    ]) {
      expect([await element.first().textContent(), await style(element.first(), 'direction')]).toEqual([
        expect.any(String),
        'rtl',
      ]);
    }
    await expect(walk.axe()).resolves.toEqual([]);
  });

  it("shows an operator each video's account, and can filter by account", async () => {
    const made = await harness.service.create({ prompt: 'by the operator' });
    await harness.service.request('', 'POST', { prompt: 'by Alice' }, { authorization: 'Bearer of-alice' });
    const walk = await open(`/?video=${made.id}`);
    const cards = (text: string) => walk.cards.filter({ hasText: text });
    await cards('by Alice').getByText('alice', { exact: true }).waitFor();
    await walk.featured.getByText('by ops').waitFor();
    await walk.page.getByLabel('Account').fill('alice');
    await cards('by the operator').waitFor({ state: 'detached' });
    await cards('by Alice').waitFor();
    // The featured video stays.
    await walk.featured.getByRole('heading', { name: 'by the operator' }).waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.page.reload();
    await cards('by Alice').waitFor();
    expect(await cards('by the operator').count()).toBe(0);
    await walk.page.getByLabel('Account').fill('no one');
    await walk.page.getByRole('button', { name: 'Show', exact: true }).click();
    await walk.page.getByText(/There is no such account/).waitFor();
    await walk.page.getByLabel('Account').fill('');
    await cards('by the operator').waitFor();
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContextOptions, Locator } from 'playwright-core';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { findChromium, launchChromium } from '../../../tools/harness/page/browser.ts';
import { gate } from '../../../tools/harness/gate.ts';
import { PageWalk } from '../../../tools/harness/page/page-walk.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

jest.setTimeout(180_000);

const HEBREW = 'חתול כתום רוקד (cat), 3 פעמים';

let service: StandInService;
let browser: Browser;
let walk: PageWalk;
let going = gate();

/** Opens the page with an operator's key. */
async function open(path = '/', options: BrowserContextOptions = {}): Promise<void> {
  walk = await PageWalk.open(browser, `${service.api.url}${path}`, options);
  await walk.page.getByLabel('API key').fill('of-ops');
  await walk.page.getByRole('button', { name: 'Use this key' }).click();
  await walk.page.getByRole('radio').first().waitFor();
}

/** Colours of an element's picture at parts of its width, half way down, as `r,g,b`. */
async function coloursAt(element: Locator, parts: number[]): Promise<string[]> {
  const png = (await element.screenshot()).toString('base64');
  const blank = await browser.newPage();
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
/** As much of the DOM as is used. */
interface Styles {
  getComputedStyle(element: unknown): { getPropertyValue(name: string): string };
}

(findChromium() === null ? describe.skip : describe)(
  'how the page looks to those who see it otherwise (skipped without Chromium)',
  () => {
    beforeAll(async () => {
      const accounts = await testRegistry(
        { id: 'ops', keys: ['of-ops'], admin: true },
        { id: 'alice', keys: ['of-alice'] },
      );
      [service, browser] = await Promise.all([StandInService.start({ accounts, apiKey: 'of-ops' }), launchChromium()]);
      await service.line.startCpuWorker();
      await service.line.startGpuWorker();
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await service?.stop();
    }, 60_000);
    afterEach(async () => {
      going.open();
      await walk?.close();
    });

    it('shows how far a video is, which card is chosen and what is said, in colours that the system forces', async () => {
      going = gate();
      service.line.generate = async (_, beat) => {
        const beating = setInterval(() => beat({ phase: 'denoising', step: 1, steps: 2, etaSeconds: 50 }), 200);
        await going.opened;
        clearInterval(beating);
      };
      const { id } = await service.create({ prompt: 'a red circle' });
      await open(`/?video=${id}`, { forcedColors: 'active' });
      await walk.phase(/step 1 of 2/).waitFor();
      const [done, todo] = await coloursAt(walk.stage.getByRole('progressbar'), [0.1, 0.9]);
      expect(done).not.toBe(todo);
      expect(await style(walk.page.locator('.video-card-shown'), 'outline-style')).toBe('solid');
      await expect(walk.axe()).resolves.toEqual([]);
      await walk.stage.getByRole('button', { name: 'Copy prompt' }).click();
      const toast = walk.page.locator('.toast p');
      await toast.waitFor();
      expect(await style(toast, 'border-top-style')).toBe('solid');
    });

    it('writes prompts from right to left where they are, wherever they are typed or shown', async () => {
      service.line.generate = async () => {};
      const made = await service.create({ prompt: HEBREW, negative_prompt: HEBREW });
      await service.finished(made.id);
      await open(`/?video=${made.id}`);
      await walk.stage.getByRole('button', { name: 'Edit' }).click();
      await walk.page.getByText('More settings').click();
      await walk.stage.getByRole('button', { name: 'Delete' }).click();
      for (const element of [
        walk.page.getByLabel('What should the video show?'),
        walk.page.getByLabel('Negative prompt'),
        walk.stage.locator('.job-prompt'),
        walk.stage.locator('.job-note bdi'),
        walk.cards.locator('.video-card-prompt', { hasText: HEBREW }),
        walk.page.locator('.removal-prompt'),
      ]) {
        expect([await element.first().textContent(), await style(element.first(), 'direction')]).toEqual([
          expect.any(String),
          'rtl',
        ]);
      }
      await expect(walk.axe()).resolves.toEqual([]);
    });

    it('tells an operator whose each video is, and shows those of one account alone', async () => {
      service.line.generate = async () => {};
      const made = await service.create({ prompt: 'by the operator' });
      const asked = { prompt: 'by Alice' };
      await service.request('', 'POST', asked, { authorization: 'Bearer of-alice' });
      await open(`/?video=${made.id}`);
      const cards = (text: string) => walk.cards.filter({ hasText: text });
      await cards('by Alice').getByText('alice', { exact: true }).waitFor();
      await walk.stage.getByText('by ops').waitFor();
      await walk.page.getByLabel('Account').fill('alice');
      await cards('by the operator').waitFor({ state: 'detached' });
      await cards('by Alice').waitFor();
      // Still the one that was chosen.
      await walk.stage.getByRole('heading', { name: 'by the operator' }).waitFor();
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
  },
);

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { findChromium, launchChromium } from '../../../tools/harness/page/browser.ts';
import { PageWalk } from '../../../tools/harness/page/page-walk.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

jest.setTimeout(180_000);

let service: StandInService;
let browser: Browser;
let walk: PageWalk;

const open = async (path = '/', options: BrowserContextOptions = {}) =>
  (walk = await PageWalk.open(browser, `${service.api.url}${path}`, options));
const make = () => walk.page.getByRole('button', { name: 'Make the video' });
const prompt = () => walk.page.getByLabel('What should the video show?');
const edit = () => walk.stage.getByRole('button', { name: 'Edit' });
const isFocused = (name: string, role: 'button' | 'textbox' | 'spinbutton' | 'heading' = 'button') =>
  walk.page.getByRole(role, { name }).and(walk.page.locator(':focus')).first().waitFor();
/** Presses, and waits for the video that comes of it. */
async function submitted(): Promise<string> {
  const before = walk.videoId();
  await make().click();
  await walk.page.waitForURL((url) => ![null, before].includes(url.searchParams.get('video')));
  return walk.videoId();
}

(findChromium() === null ? describe.skip : describe)(
  "the page's form, in a real browser (skipped without Chromium)",
  () => {
    beforeAll(async () => {
      [service, browser] = await Promise.all([StandInService.start(), launchChromium()]);
      await service.line.startCpuWorker();
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await service?.stop();
    }, 60_000);
    afterEach(() => walk?.close());

    it('makes a video again with whatever numbers the API took, though their fields are not to be seen', async () => {
      const made = await service.create({ guidance_scale: 4.25, num_inference_steps: 7, seed: 2 ** 40 });
      await open(`/?video=${made.id}`);
      await edit().click();
      const again = await service.retrieve(await submitted());
      expect(again).toMatchObject({ guidance_scale: 4.25, num_inference_steps: 7, seed: 2 ** 40 });
    });

    it('leads to a value that cannot be used, opens the section that hides it, and says what is wrong', async () => {
      await open();
      await prompt().fill('a red circle');
      await walk.page.getByText('More settings').click();
      for (const [field, wrong, words] of [
        ['Guidance', '20.5', /from 0 to 20/],
        ['Steps', '2.5', /whole number/],
        ['Steps', '', /2 to \d+ steps/],
      ] as const) {
        const input = walk.page.getByLabel(field);
        const right = await input.inputValue();
        await input.fill(wrong);
        await walk.page.getByText('More settings').click();
        await input.waitFor({ state: 'hidden' });
        await make().click();
        await isFocused(field, 'spinbutton');
        await walk.page.getByText(words).waitFor();
        await expect(walk.axe()).resolves.toEqual([]);
        await input.fill(right);
        expect(await walk.page.locator('.composer .field-error').count()).toBe(0);
      }
      await walk.page.getByLabel('Seed').fill('my seed');
      await make().click();
      await isFocused('Seed', 'textbox');
      await walk.page.getByText(/A seed is a whole number/).waitFor();
      expect(walk.videoId()).toBe('');
    });

    it('says in words for people what a prompt lacks, or holds that is no text', async () => {
      await open();
      await make().click();
      await isFocused('What should the video show?', 'textbox');
      await walk.page.getByText('Say what the video should show.').waitFor();
      await prompt().evaluate((field) => {
        // Half of an emoji, as what cuts texts to a length leaves it.
        Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')!.set!.call(field, 'a cat \ud83d');
        field.dispatchEvent(new Event('input', { bubbles: true }));
      });
      await make().click();
      await walk.page.getByText(/not text, such as one half of an emoji/).waitFor();
      await prompt().fill('a'.repeat(4001));
      await make().click();
      await walk.page.getByText(/4,001 characters, and this server reads 4,000/).waitFor();
      // What only the server knows.
      await prompt().fill('a cat');
      await walk.page.route('**/v1/videos', (route) =>
        route.fulfill({
          status: 400,
          json: {
            error: {
              message: 'prompt must be text without broken surrogate pairs.',
              code: 'invalid_value',
              param: 'prompt',
            },
          },
        }),
      );
      await make().click();
      await walk.page.getByText(/The server cannot read this text/).waitFor();
      await isFocused('What should the video show?', 'textbox');
      expect(await walk.page.getByText(/surrogate|match the requested/).count()).toBe(0);
    });

    it('shows what an edited video brings along, its seed too, and lets go of it', async () => {
      const made = await service.create({
        seed: 77,
        guidance_start: 0.2,
        fps: 12,
        seconds: '1.1',
        negative_prompt: 'fog',
      });
      await open(`/?video=${made.id}`);
      await edit().click();
      const summary = walk.page.locator('.more summary');
      await summary.getByText(/seed 77.*guided from 20 % to 100 % of the steps.*a negative prompt/).waitFor();
      await walk.page.getByText(/as edited, 12 fps/).waitFor();
      await summary.click();
      await walk.page.getByLabel('Seed').fill('');
      await walk.page.getByRole('button', { name: 'Guide all steps' }).click();
      await summary.getByText(/seed|guided/).waitFor({ state: 'detached' });
      expect(await service.retrieve(await submitted())).toMatchObject({ guidance_start: 0, fps: 12 });
    });

    it('keeps what was typed and chosen through a reload, in this tab alone', async () => {
      await open();
      await prompt().fill('a long thought, not yet said');
      await walk.page.getByRole('radio').nth(1).check();
      await walk.page.getByText('More settings').click();
      await walk.page.getByLabel('Guidance').fill('3.75');
      await walk.page.reload();
      await walk.page.getByText(/guidance 3.75/).waitFor();
      expect(await prompt().inputValue()).toBe('a long thought, not yet said');
      expect(await walk.page.getByRole('radio').nth(1).isChecked()).toBe(true);
      const other = await walk.context.newPage();
      await other.goto(service.api.url);
      await other.getByRole('radio').first().waitFor();
      expect(await other.getByLabel('What should the video show?').inputValue()).toBe('');
    });

    it("keeps the keyboard's place after a submit, a cancel and a question", async () => {
      await open();
      await prompt().fill('a red circle');
      await submitted();
      await isFocused('Make the video');
      await walk.stage.getByRole('button', { name: 'Cancel' }).click();
      await walk.stage.getByRole('heading', { name: 'Cancelled' }).waitFor();
      await walk.stage.getByRole('button', { name: 'Edit' }).and(walk.page.locator(':focus')).waitFor();
      await walk.stage.getByRole('button', { name: 'Delete' }).click();
      await walk.page.keyboard.press('Escape');
      await walk.stage.getByRole('button', { name: 'Delete' }).and(walk.page.locator(':focus')).waitFor();
      await walk.stage.getByRole('button', { name: 'Again, new seed' }).click();
      await walk.phase(/queue/).waitFor();
      await walk.stage.getByRole('button', { name: 'Edit' }).and(walk.page.locator(':focus')).waitFor();
    });
  },
);

import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type { Locator } from 'playwright-core';
import { openTokenCounter } from '../../../api/prompts/token-counter.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { StandInPage } from '../../support/page/page-harness.ts';

const MOCHI_TINY = fileURLToPath(new URL('../../../../gpu-worker/models/mochi-tiny', import.meta.url));

describeWith('chromium')("the page's form, in a real browser", () => {
  const counter = openTokenCounter(MOCHI_TINY, createLogger('test', 'silent'));
  const harness = new StandInPage({ gpuWorker: false, countTokens: counter.count });
  afterAll(() => counter.close());

  it('accepts every number of an edited video that the API accepted, though its field is hidden', async () => {
    const made = await harness.service.create({ guidance_scale: 4.25, num_inference_steps: 7, seed: 2 ** 40 });
    const walk = await harness.open(`/?video=${made.id}`);
    await walk.featured.getByRole('button', { name: 'Edit' }).click();
    const again = await harness.service.retrieve(await walk.submitForm());
    expect(again).toMatchObject({ guidance_scale: 4.25, num_inference_steps: 7, seed: 2 ** 40 });
  });

  it('says before anything is sent how many are ahead, and asks again when a setting changes', async () => {
    const walk = await harness.open();
    await harness.service.create({ prompt: 'one that waits' });
    await walk.page.reload();
    const said = walk.page.locator('.composer-estimate');
    await said.filter({ hasText: /\d ahead of you/ }).waitFor();
    const asked: string[] = [];
    walk.page.on('request', (request) => {
      if (request.url().endsWith('/estimate')) asked.push(request.postData()!);
    });
    await walk.page.getByText('More settings').click();
    await walk.page.getByLabel('Steps').fill('9');
    await walk.page.waitForRequest((request) => request.postData()?.includes('"num_inference_steps":9') ?? false);
    // What is wrong is not asked for, and a draft is shown to no moderator.
    await walk.page.getByLabel('Steps').fill('');
    await walk.prompt.fill('a secret');
    await said.filter({ hasText: /^$/ }).waitFor();
    expect(asked.join()).not.toContain('secret');
    expect(walk.complaints).toEqual([]);
  });

  it.each([
    [1366, 650],
    [390, 844],
    [320, 640],
  ])(
    'has Generate in reach without scrolling, in a window of %i x %i, and covers nothing that has the focus',
    async (width, height) => {
      const walk = await harness.open('/', { viewport: { width, height } });
      await walk.page.getByText('More settings').waitFor({ state: 'attached' });
      const dock = walk.page.getByRole('button', { name: /^Settings/ });
      const bottomOf = async (locator: Locator) => {
        const box = (await locator.boundingBox())!;
        return box.y + box.height;
      };
      expect(await bottomOf(walk.generate)).toBeLessThanOrEqual(height);
      if (await dock.isVisible()) await dock.click();
      expect(await bottomOf(walk.generate)).toBeLessThanOrEqual(height);
      const lengths = walk.page.getByRole('group', { name: 'Length' });
      await lengths.getByRole('radio').first().focus();
      const bar = (await walk.page.locator('.composer-submit').boundingBox())!;
      expect(await bottomOf(lengths.locator('label').first())).toBeLessThanOrEqual(bar.y);
    },
  );

  it('says how many tokens a prompt has without flicker, and in words and aloud only when the model would not read its end', async () => {
    const walk = await harness.open();
    const meter = walk.page.locator('.token-meter').first();
    await walk.generate.waitFor();
    await walk.prompt.fill('a red circle');
    await meter.getByText('5 of 256 tokens').waitFor();
    await walk.page.evaluate(`
      globalThis.gone = 0;
      const meter = document.querySelector('.token-meter');
      new MutationObserver(() => { if (!meter.textContent.includes('tokens')) gone++; })
        .observe(meter, { subtree: true, childList: true, characterData: true });
    `);
    const before = await meter.boundingBox();
    await walk.prompt.fill('a red circle on a white background');
    await meter.getByText(/^(?!5 )\d+ of 256 tokens$/).waitFor();
    expect(await meter.boundingBox()).toEqual(before);
    expect(await meter.getByRole('status').textContent()).toBe('');
    await walk.prompt.fill('word '.repeat(300));
    await meter.getByRole('status').getByText('The model does not read the end of this prompt').waitFor();
    await meter.getByText('1201 of 256 tokens').waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
    expect(await walk.page.evaluate('globalThis.gone')).toBe(0);
    // This server has nothing to enhance prompts with.
    expect(await walk.page.getByRole('button', { name: 'Enhance' }).count()).toBe(0);
    await walk.prompt.fill('');
    await meter.getByText(/tokens/).waitFor({ state: 'detached' });
    expect(walk.complaints).toEqual([]);
  });

  it('focuses an invalid value, opens the section that hides it, and says what is wrong', async () => {
    const walk = await harness.open();
    await walk.prompt.fill('a red circle');
    await walk.page.getByText('More settings').click();
    for (const [field, invalid, problem] of [
      ['Guidance', '20.5', /from 0 to 20/],
      ['Steps', '2.5', /whole number/],
      ['Steps', '', /from 2 to \d+/],
    ] as const) {
      const input = walk.page.getByLabel(field);
      const valid = await input.inputValue();
      await input.fill(invalid);
      await walk.page.getByText('More settings').click();
      await input.waitFor({ state: 'hidden' });
      await walk.generate.click();
      await walk.isFocused(input);
      await walk.page.getByText(problem).waitFor();
      await expect(walk.axe()).resolves.toEqual([]);
      await input.fill(valid);
      expect(await walk.page.locator('.composer .field-error').count()).toBe(0);
    }
    await walk.page.getByLabel('Seed').fill('my seed');
    await walk.generate.click();
    await walk.isFocused(walk.page.getByLabel('Seed'));
    await walk.page.getByText(/A seed is a whole number/).waitFor();
    expect(walk.videoId()).toBe('');
  });

  it('says in plain English what is wrong with a prompt', async () => {
    const walk = await harness.open();
    await walk.generate.click();
    await walk.isFocused(walk.prompt);
    await walk.page.getByText('Describe what the video should show.').waitFor();
    await walk.prompt.evaluate((field) => {
      // Half of an emoji, as left by programs that cut off texts.
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')!.set!.call(field, 'a cat \ud83d');
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await walk.generate.click();
    await walk.page.getByText(/not text, such as half an emoji/).waitFor();
    await walk.prompt.fill('a'.repeat(4001));
    await walk.generate.click();
    await walk.page.getByText(/4,001 characters, and this server accepts 4,000/).waitFor();
    // A refusal that only the server can know of.
    await walk.prompt.fill('a cat');
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
    await walk.generate.click();
    await walk.page.getByText(/The server cannot read this text/).waitFor();
    await walk.isFocused(walk.prompt);
    expect(await walk.page.getByText(/surrogate|match the requested/).count()).toBe(0);
  });

  it('shows the settings taken over from an edited video, its seed too, and can clear them', async () => {
    const made = await harness.service.create({
      seed: 77,
      guidance_start: 0.2,
      fps: 12,
      seconds: '1.1',
      negative_prompt: 'fog',
    });
    const walk = await harness.open(`/?video=${made.id}`);
    await walk.featured.getByRole('button', { name: 'Edit' }).click();
    const summary = walk.page.locator('.more summary');
    await summary.getByText(/seed 77.*guided from 20 % to 100 % of the steps.*a negative prompt/).waitFor();
    await walk.page.locator('.choices-note', { hasText: 'as edited, 12 fps' }).waitFor();
    await summary.click();
    await walk.page.getByLabel('Seed').fill('');
    await walk.page.getByRole('button', { name: 'Guide all steps' }).click();
    await summary.getByText(/seed|guided/).waitFor({ state: 'detached' });
    expect(await harness.service.retrieve(await walk.submitForm())).toMatchObject({ guidance_start: 0, fps: 12 });
  });

  it('keeps its values through a reload, in this tab alone', async () => {
    const walk = await harness.open();
    await walk.prompt.fill('a long thought, not yet finished');
    await walk.page.getByRole('radio').nth(1).check();
    await walk.page.getByText('More settings').click();
    await walk.page.getByLabel('Guidance').fill('3.75');
    await walk.page.reload();
    await walk.page.getByText(/guidance 3.75/).waitFor();
    expect(await walk.prompt.inputValue()).toBe('a long thought, not yet finished');
    expect(await walk.page.getByRole('radio').nth(1).isChecked()).toBe(true);
    const other = await walk.context.newPage();
    await other.goto(harness.url);
    await other.getByRole('radio').first().waitFor();
    expect(await other.getByLabel('Prompt', { exact: true }).inputValue()).toBe('');
  });

  it("keeps the keyboard's place after a submit, a cancel and a closed dialog", async () => {
    const walk = await harness.open();
    await walk.prompt.fill('a red circle');
    await walk.submitForm();
    await walk.isFocused(walk.generate);
    await walk.featured.getByRole('button', { name: 'Cancel' }).click();
    await walk.featured.getByRole('heading', { name: 'Cancelled' }).waitFor();
    await walk.isFocused(walk.featured.getByRole('button', { name: 'Edit' }));
    await walk.choose('Tags …');
    await walk.page.keyboard.press('Escape');
    await walk.isFocused(walk.featured.getByRole('button', { name: 'More', exact: true }));
    await walk.choose('Again, new seed');
    await walk.phase(/queue|Waiting/).waitFor();
    await walk.isFocused(walk.featured.getByRole('button', { name: 'Edit' }));
  });
});

import { afterAll, expect, it } from 'vitest';
import { enhancerEnv } from '../../../api/prompts/config.ts';
import { openEnhancer } from '../../../api/prompts/enhancer.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { StandInPage } from '../../support/page/page-harness.ts';
import { ChatServer, saying, sending } from '../../support/servers/chat-server.ts';

const chat = await ChatServer.start();
const config = enhancerEnv.parse({ ENHANCER_URL: chat.url, ENHANCER_MODEL: 'a-model' });

describeWith('chromium')("the page's suggestions of prompts, in a real browser", () => {
  const harness = new StandInPage({ gpuWorker: false, enhancer: openEnhancer(config, createLogger('test', 'silent')) });
  afterAll(() => chat.stop());

  it('are shown with the words that change, taken by their reader alone, kept with the original, and given back', async () => {
    const walk = await harness.open();
    const enhance = walk.page.getByRole('button', { name: 'Enhance', exact: true });
    await walk.prompt.fill('a red fox in snow');
    chat.reply = saying('a red fox trotting in deep snow');
    await enhance.click();
    const suggestion = walk.page.getByRole('region', { name: 'Suggested prompt' });
    await walk.isFocused(suggestion);
    expect((await suggestion.locator('ins').allTextContents()).map((text) => text.trim())).toEqual([
      'trotting',
      'deep',
    ]);
    expect(await walk.prompt.inputValue()).toBe('a red fox in snow');
    await expect(walk.axe()).resolves.toEqual([]);
    await suggestion.getByRole('button', { name: 'Dismiss' }).click();
    await suggestion.waitFor({ state: 'detached' });
    expect(await walk.prompt.inputValue()).toBe('a red fox in snow');

    await enhance.click();
    await suggestion.getByRole('button', { name: 'Use' }).click();
    expect(await walk.prompt.inputValue()).toBe('a red fox trotting in deep snow');
    await walk.page.getByRole('button', { name: 'Undo enhancement' }).click();
    expect(await walk.prompt.inputValue()).toBe('a red fox in snow');
    expect(await walk.page.getByRole('button', { name: 'Undo enhancement' }).count()).toBe(0);

    await enhance.click();
    await suggestion.getByRole('button', { name: 'Use' }).click();
    const id = await walk.submitForm();
    expect(await harness.service.retrieve(id)).toMatchObject({
      prompt: 'a red fox trotting in deep snow',
      original_prompt: 'a red fox in snow',
    });
    await walk.featured.getByText('Enhanced from: a red fox in snow').waitFor();
    // What is written from an empty field on is no other wording of it.
    await walk.prompt.fill('');
    await walk.prompt.fill('a dog');
    expect(await harness.service.retrieve(await walk.submitForm())).toMatchObject({ original_prompt: null });
    expect(walk.complaints).toEqual([]);
  });

  it('are not shown for another prompt than they were made for, nor taken from a service that fails, nor drawn as anything but text', async () => {
    const walk = await harness.open('/', { viewport: { width: 390, height: 844 } });
    await walk.page.getByRole('button', { name: /^Settings/ }).click();
    const enhance = walk.page.getByRole('button', { name: 'Enhance', exact: true });
    const suggestion = walk.page.getByRole('region', { name: 'Suggested prompt' });
    await walk.prompt.fill('a fox');
    chat.reply = sending('{}', 500);
    await enhance.click();
    await walk.page.getByText('There is no suggestion now.').waitFor();
    expect(await walk.prompt.inputValue()).toBe('a fox');
    chat.reply = saying('a fox <img src=x onerror="document.title=1">');
    await enhance.click();
    await suggestion.getByText('<img src=x').waitFor();
    expect(await suggestion.locator('img').count()).toBe(0);
    expect(await walk.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.prompt.fill('a dog');
    await suggestion.waitFor({ state: 'detached' });

    // One that takes too long for its reader is stopped.
    chat.reply = () => {};
    await enhance.click();
    await walk.page.getByRole('button', { name: 'Stop enhancing…' }).click();
    await enhance.waitFor();
    expect(await walk.prompt.inputValue()).toBe('a dog');
  });
});

import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContextOptions, Route } from 'playwright-core';
import { findChromium, launchChromium } from '../../../tools/harness/page/browser.ts';
import { LONG, LONGEST, PageWalk, QUICK, SMALL } from '../../../tools/harness/page/page-walk.ts';
import { WholeService } from '../../../tools/harness/services/whole-service.ts';

// On a busy machine a video takes ten times its usual seconds.
jest.setTimeout(300_000);

let kinora: WholeService;
let browser: Browser;
let walk: PageWalk;

const open = async (options: BrowserContextOptions = {}, url = kinora.service.apiUrl) =>
  (walk = await PageWalk.open(browser, url, options));
const progress = async () => Number(await walk.stage.getByRole('progressbar').getAttribute('value'));

(findChromium() === null ? describe.skip : describe)('the page, in a real browser (skipped without Chromium)', () => {
  beforeAll(async () => {
    [kinora, browser] = await Promise.all([WholeService.start({ CHECKPOINT_STEPS: '5' }), launchChromium()]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await kinora?.stop();
  }, 60_000);
  afterEach(() => walk?.close());

  it('takes an example to a video that plays, and tells on the way how far it is', async () => {
    await open();
    await expect(walk.axe()).resolves.toEqual([]);
    const example = walk.page.getByRole('region', { name: 'Example prompts' }).getByRole('button').first();
    const prompt = (await example.textContent())!;
    await example.click();
    await walk.page.getByRole('button', { name: 'Make the video' }).click();
    await walk.phase(/Denoising, step \d+ of 24/).waitFor();
    await walk.phase(/about \d+ s left|a moment left/).waitFor();
    await walk.stage.getByRole('img', { name: /Preview after step \d+/ }).waitFor();
    await walk.page.evaluate(`
      globalThis.empty = 0;
      setInterval(() => {
        const video = document.querySelector('.stage video');
        const shown = document.querySelector('.stage .picture-preview') !== null || video?.readyState >= 2;
        if (!shown) globalThis.empty++;
      }, 20);
    `);
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.videoIsShown();
    await walk.plays();
    // There was a picture all the time, from the first preview on.
    expect(await walk.page.evaluate('globalThis.empty')).toBe(0);
    expect(await walk.stage.getByRole('heading', { name: prompt }).count()).toBe(1);
    await expect(walk.axe()).resolves.toEqual([]);

    // Not from anywhere else, and nothing that the browser had to refuse.
    expect([...walk.hosts]).toEqual([new URL(kinora.service.apiUrl).host]);
    expect(walk.complaints).toEqual([]);
  });

  it('shows the same progress after a reload in the middle, in a second tab, and with the address alone', async () => {
    await open();
    // A quick machine must not have finished it before the second tab is there.
    const id = await walk.submit('a blue square moving right on a white background', LONGEST);
    await walk.phase(/Denoising, step [3-9]\d of 200/).waitFor();
    const before = await progress();
    await walk.page.reload();
    await walk.phase(/Denoising, step/).waitFor();
    expect(await progress()).toBeGreaterThanOrEqual(before);
    expect(walk.videoId()).toBe(id);
    const second = await walk.context.newPage();
    await second.goto(walk.page.url());
    await second.locator('.stage .progress-words').filter({ hasText: 'Denoising, step' }).waitFor();
    await walk.videoIsShown({ timeout: 200_000 });
  });

  it('says in plain words why a video failed, and a retry makes it', async () => {
    const gpuWorker = kinora.service.pids()['gpu-worker']!;
    process.kill(gpuWorker, 'SIGSTOP');
    try {
      const shape = { size: '96x96', num_frames: 7, num_inference_steps: 2 };
      const { id } = await kinora.create({ prompt: 'a red star rising', ...shape, deadline_seconds: 20 });
      await open({}, `${kinora.service.apiUrl}/?video=${id}`);
      await walk.stage.getByText(/Wanted by/).waitFor();
      await walk.stage.getByRole('heading', { name: 'Not finished by its deadline' }).waitFor();
    } finally {
      process.kill(gpuWorker, 'SIGCONT');
    }
    await walk.stage.getByText(/a retry goes on from there/).waitFor();
    await walk.stage.getByRole('heading', { name: 'a red star rising' }).waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.stage.getByRole('button', { name: 'Retry' }).click();
    await walk.videoIsShown();
  });

  it('tells the place in the queue', async () => {
    await open();
    const [made, before] = [
      await walk.submit('a red triangle rising on a navy background', LONGEST),
      await walk.submit('a green triangle rising on a navy background', LONG),
    ];
    await walk.submit('a blue triangle rising on a navy background', QUICK);
    await walk.phase(/Number 2 in the queue/).waitFor();
    await kinora.cancel(before);
    await walk.phase(/Next in the queue/).waitFor();
    await kinora.cancel(made);
    await walk.videoIsShown();
  });

  it('says "cancelling…" until the GPU is free, then why there is no video, and a retry makes it', async () => {
    await open();
    const id = await walk.submit('a pink triangle swinging on a navy background', LONG);
    await walk.phase(/Denoising, step \d\d/).waitFor();
    await walk.stage.getByRole('button', { name: 'Cancel' }).click();
    await walk.stage.getByRole('button', { name: 'Cancelling…' }).waitFor();
    await walk.stage.getByRole('heading', { name: 'Cancelled' }).waitFor();
    expect((await kinora.until(id, () => true)).error?.code).toBe('cancelled');
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.stage.getByRole('button', { name: 'Retry' }).click();
    await walk.videoIsShown();
    expect(walk.videoId()).toBe(id);
  });

  it('says what the model was not trained for, and takes the settings of a video back into the form', async () => {
    await open();
    await walk.submit('a red star bouncing', { size: '96 × 96', length: '5.1 s', steps: 2, seed: 5 });
    await walk.stage.getByText(/longer than the 37 frames the model was trained on/).waitFor();
    await walk.page.reload();
    await walk.stage.getByRole('button', { name: 'Edit' }).click();
    const prompt = walk.page.getByLabel('What should the video show?');
    expect(await prompt.inputValue()).toBe('a red star bouncing');
    expect(await prompt.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
    expect(await walk.page.getByRole('radio', { name: '5.1 s' }).isChecked()).toBe(true);
    expect(await walk.page.getByRole('radio', { name: '96 × 96' }).isChecked()).toBe(true);
    expect(await walk.page.locator('.more input').evaluateAll((inputs) => inputs.map(({ value }) => value))).toEqual([
      '5',
      '2',
      '3',
    ]);
  });

  it('makes a video again: the same with its seed, another without, and the same with the copied curl command', async () => {
    await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    const copied = () => walk.page.evaluate<string>('navigator.clipboard.readText()');
    const prompt = "a 'yellow' star growing on a black background";
    const first = await walk.submit(prompt, { ...QUICK, seed: 77 });
    await walk.videoIsShown();

    await walk.stage.getByRole('button', { name: 'Copy prompt' }).click();
    await walk.page.getByRole('status').getByText('Prompt copied.').waitFor();
    expect(await copied()).toBe(prompt);
    await walk.stage.getByRole('button', { name: 'Copy as curl' }).click();
    await walk.page.getByText('curl command copied.').waitFor();
    const { stdout } = await promisify(execFile)('sh', ['-c', await copied()]);
    const byCurl = (JSON.parse(stdout) as { id: string }).id;

    const again = async (name: string) => {
      const before = walk.page.url();
      await walk.stage.getByRole('button', { name }).click();
      await walk.page.waitForURL((url) => url.href !== before);
      await walk.videoIsShown();
      return walk.videoId();
    };
    const same = await again('Again, same seed');
    const other = await again('Again, new seed');
    await kinora.completed(byCurl);
    const [wanted, ...sums] = await Promise.all([first, same, byCurl, other].map((id) => kinora.checksum(id)));
    expect(sums[0]).toBe(wanted);
    expect(sums[1]).toBe(wanted);
    expect(sums[2]).not.toBe(wanted);
  });

  it('keeps what is typed before the server has said what it makes', async () => {
    await open();
    let answer!: () => void;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await walk.page.route('**/v1/models', (route) => held.then(() => route.continue()));
    await walk.page.reload();
    const prompt = walk.page.getByLabel('What should the video show?');
    await prompt.fill('a red circle, typed early');
    answer();
    await walk.page.getByRole('radio', { name: SMALL.size }).waitFor();
    expect(await prompt.inputValue()).toBe('a red circle, typed early');
  });

  it('says that it is offline', async () => {
    await open();
    await walk.page.getByRole('button', { name: 'Make the video' }).waitFor();
    await walk.context.setOffline(true);
    await walk.page
      .getByRole('alert')
      .getByText(/You are offline/)
      .waitFor();
    await walk.context.setOffline(false);
    await walk.page.getByText(/You are offline/).waitFor({ state: 'detached' });
  });

  it('says that it is offline to somebody who submits meanwhile, and keeps what was typed', async () => {
    await open();
    await walk.page.getByRole('radio', { name: SMALL.size }).check();
    await walk.page.getByLabel('What should the video show?').fill('a red circle');
    await walk.context.setOffline(true);
    await walk.page.getByRole('button', { name: 'Make the video' }).click();
    await walk.page.getByText('You are offline. Try again when you are back.').waitFor();
    expect(await walk.page.getByLabel('What should the video show?').inputValue()).toBe('a red circle');
    await walk.context.setOffline(false);
  });

  it('keeps what was typed where the key ends to be good meanwhile', async () => {
    await open();
    await walk.page.getByRole('radio', { name: SMALL.size }).check();
    await walk.page.getByLabel('What should the video show?').fill('a long thought');
    const refuse = (route: Route) =>
      route.fulfill({ status: 401, json: { error: { message: 'No.', code: 'invalid_api_key', param: null } } });
    await walk.page.route('**/v1/videos', refuse);
    await walk.page.getByRole('button', { name: 'Make the video' }).click();
    await walk.page.getByLabel('API key').fill('another');
    await walk.page.unroute('**/v1/videos', refuse);
    await walk.page.getByRole('button', { name: 'Use this key' }).click();
    await walk.page.getByLabel('API key').waitFor({ state: 'detached' });
    expect(await walk.page.getByLabel('What should the video show?').inputValue()).toBe('a long thought');
  });

  it('says so while no API is there, and goes on afterwards', async () => {
    await open();
    await walk.submit('a green circle moving down on a black background', LONG);
    await walk.phase(/Denoising/).waitFor();
    await kinora.servingApi();
    for (const name of ['api-standby', 'api'] as const) kinora.kill(name);
    await walk.page
      .getByRole('alert')
      .getByText(/server does not answer/)
      .waitFor();
    await walk.page.getByText(/server does not answer/).waitFor({ state: 'detached' });
    await walk.videoIsShown();
  });

  it('goes on after a moment when the API process that serves it is killed: another one takes over', async () => {
    await open();
    await walk.submit('a green circle moving up on a black background', LONG);
    await walk.phase(/Denoising/).waitFor();
    const serving = await kinora.servingApi();
    const killed = performance.now();
    kinora.kill(serving);
    await walk.page.waitForResponse((response) => response.url().endsWith('/events') && response.ok());
    const away = performance.now() - killed;
    process.stdout.write(
      `the serving API process was killed: the page's stream went on after ${Math.round(away)} ms\n`,
    );
    // Some hundred ms; a machine that is busy with other things takes longer.
    expect(away).toBeLessThan(10_000);
    await walk.videoIsShown();
  });

  it('asks seldom while nobody looks, without holding a connection, and when everything is made', async () => {
    await open();
    const asked: string[] = [];
    const streams = new Set<unknown>();
    walk.page.on('request', (request) => {
      asked.push(`${request.method()} ${request.url()}`);
      if (request.url().endsWith('/events')) streams.add(request);
    });
    walk.page.on('requestfailed', (request) => streams.delete(request));
    walk.page.on('requestfinished', (request) => streams.delete(request));
    await walk.submit('a red square pulsing on a gray background', LONG);
    await walk.phase(/Denoising/).waitFor();
    expect(streams.size).toBe(1);
    await walk.setHidden(true);
    while (streams.size > 0) await sleep(50);
    await sleep(500);
    const before = asked.length;
    await sleep(3_000);
    expect(asked.slice(before).slice(1)).toEqual([]);
    await walk.setHidden(false);
    await walk.videoIsShown();
    await walk.plays();
    await sleep(2_000);
    const after = asked.length;
    await sleep(4_000);
    expect(asked.slice(after).slice(2)).toEqual([]);
    await walk.setHidden(true);
    await sleep(1_000);
    const unseen = asked.length;
    await sleep(6_000);
    expect(asked.slice(unseen)).toEqual([]);
  });
});

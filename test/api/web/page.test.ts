import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { Route } from 'playwright-core';
import { LONG, LONGEST, QUICK, SMALL } from '../../../tools/harness/page/page-walk.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { wholePage } from '../../support/page/page-harness.ts';
import { until } from '../../../tools/harness/patience.ts';

describeWith('chromium')('the page, in a real browser', () => {
  const harness = wholePage();

  it('generates an example prompt, with its progress, until the video plays', async () => {
    const walk = await harness.open();
    await expect(walk.axe()).resolves.toEqual([]);
    const example = walk.page.getByRole('region', { name: 'Example prompts' }).getByRole('button').first();
    const prompt = (await example.textContent())!;
    await example.click();
    await walk.generate.click();
    await walk.phase(/Denoising, step \d+ of 24/).waitFor();
    await walk.phase(/about \d+ s left|a moment left/).waitFor();
    await walk.featured.getByRole('img', { name: /Preview after step \d+/ }).waitFor();
    await walk.page.evaluate(`
      globalThis.empty = 0;
      setInterval(() => {
        const video = document.querySelector('.featured video');
        const shown = document.querySelector('.featured .picture-preview') !== null || video?.readyState >= 2;
        if (!shown) globalThis.empty++;
      }, 20);
    `);
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.videoIsShown();
    await walk.plays();
    // From the first preview on there was always a picture.
    expect(await walk.page.evaluate('globalThis.empty')).toBe(0);
    expect(await walk.featured.getByRole('heading', { name: prompt }).count()).toBe(1);
    await expect(walk.axe()).resolves.toEqual([]);

    // No request to another host, and none that the browser refused.
    expect([...walk.hosts]).toEqual([new URL(harness.url).host]);
    expect(walk.complaints).toEqual([]);
  });

  it('shows the same progress after a reload, and in a second tab with the same address', async () => {
    const walk = await harness.open();
    // A quick machine must not have finished it before the second tab is there.
    const id = await walk.submit('a blue square moving right on a white background', LONGEST);
    await walk.phase(/Denoising, step [3-9]\d of 200/).waitFor();
    const progress = async () => Number(await walk.featured.getByRole('progressbar').getAttribute('aria-valuenow'));
    const before = await progress();
    await walk.page.reload();
    await walk.phase(/Denoising, step/).waitFor();
    expect(await progress()).toBeGreaterThanOrEqual(before);
    expect(walk.videoId()).toBe(id);
    const second = await walk.context.newPage();
    await second.goto(walk.page.url());
    await second.locator('.featured .progress-text').filter({ hasText: 'Denoising, step' }).waitFor();
    await harness.service.cancel(id);
    await walk.featured.getByRole('button', { name: 'Retry' }).waitFor();
    await second.locator('.featured').getByRole('button', { name: 'Retry' }).waitFor();
    // Until the queue is known to be empty: the next test's video has little time.
    const waitS = async () => {
      const response = await fetch(`${harness.url}/v1/videos/estimate`, { method: 'POST' });
      return ((await response.json()) as { wait_seconds: number }).wait_seconds;
    };
    await until(async () => (await waitS()) <= 0);
  });

  it('says in plain English why a video failed, and can retry it', async () => {
    const walk = await harness.open();
    const gpuWorker = harness.service.service.pids()['gpu-worker']!;
    process.kill(gpuWorker, 'SIGSTOP');
    try {
      const shape = { size: '96x96', num_frames: 7, num_inference_steps: 2 };
      const { id } = await harness.service.create({ prompt: 'a red star rising', ...shape, deadline_seconds: 20 });
      await walk.page.goto(`${harness.url}/?video=${id}`);
      await walk.featured.getByText(/Stops at .*, even if unfinished/).waitFor();
      await walk.featured.getByRole('heading', { name: 'Not finished by its deadline' }).waitFor();
    } finally {
      process.kill(gpuWorker, 'SIGCONT');
    }
    await walk.featured.getByText(/a retry goes on from there/).waitFor();
    await walk.featured.getByRole('heading', { name: 'a red star rising' }).waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.featured.getByRole('button', { name: 'Retry' }).click();
    await walk.videoIsShown();
  });

  it('shows the position in the queue', async () => {
    const walk = await harness.open();
    const [made, before] = [
      await walk.submit('a red triangle rising on a navy background', LONGEST),
      await walk.submit('a green triangle rising on a navy background', LONG),
    ];
    await walk.submit('a blue triangle rising on a navy background', QUICK);
    await walk.phase(/2nd in queue/).waitFor();
    await harness.service.cancel(before);
    await walk.phase(/Next in queue/).waitFor();
    await harness.service.cancel(made);
    await walk.videoIsShown();
  });

  it('says "Cancelling…" until the GPU is free, then "Cancelled", and can retry the video', async () => {
    const walk = await harness.open();
    const id = await walk.submit('a pink triangle swinging on a navy background', LONG);
    await walk.phase(/Denoising, step \d\d/).waitFor();
    await walk.featured.getByRole('button', { name: 'Cancel' }).click();
    await walk.featured.getByRole('button', { name: 'Cancelling…' }).waitFor();
    await walk.featured.getByRole('heading', { name: 'Cancelled' }).waitFor();
    expect((await harness.service.until(id, () => true)).error?.code).toBe('cancelled');
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.featured.getByRole('button', { name: 'Retry' }).click();
    await walk.videoIsShown();
    expect(walk.videoId()).toBe(id);
  });

  it("warns of what the model was not trained for, and takes a video's settings over into the form", async () => {
    const walk = await harness.open();
    await walk.submit('a red star bouncing', { size: '96 × 96', length: '5.1 s', steps: 2, seed: 5 });
    await walk.featured.getByText(/longer than the 37 frames the model was trained on/).waitFor();
    await walk.page.reload();
    await walk.featured.getByRole('button', { name: 'Edit' }).click();
    expect(await walk.prompt.inputValue()).toBe('a red star bouncing');
    await walk.isFocused(walk.prompt);
    expect(await walk.page.getByRole('radio', { name: '5.1 s' }).isChecked()).toBe(true);
    expect(await walk.page.getByRole('radio', { name: '96 × 96' }).isChecked()).toBe(true);
    expect(await walk.page.locator('.more input').evaluateAll((inputs) => inputs.map(({ value }) => value))).toEqual([
      '5',
      '2',
      '3',
    ]);
  });

  it('makes a video again: the same one with its seed, another one without, the same one with the copied curl command', async () => {
    const walk = await harness.open('/', { permissions: ['clipboard-read', 'clipboard-write'] });
    const copied = () => walk.page.evaluate<string>('navigator.clipboard.readText()');
    const prompt = "a 'yellow' star growing on a black background";
    const first = await walk.submit(prompt, { ...QUICK, seed: 77 });
    await walk.videoIsShown();

    await walk.choose('Copy prompt');
    await walk.page.getByRole('status').getByText('Prompt copied.').waitFor();
    expect(await copied()).toBe(prompt);
    await walk.choose('Copy as curl');
    await walk.page.getByText('curl command copied.').waitFor();
    const { stdout } = await promisify(execFile)('sh', ['-c', await copied()]);
    const byCurl = (JSON.parse(stdout) as { id: string }).id;

    const again = async (name: string) => {
      const before = walk.page.url();
      await walk.choose(name);
      await walk.page.waitForURL((url) => url.href !== before);
      await walk.videoIsShown();
      return walk.videoId();
    };
    const same = await again('Again, same seed');
    const other = await again('Again, new seed');
    await harness.service.completed(byCurl);
    const [wanted, ...sums] = await Promise.all([first, same, byCurl, other].map((id) => harness.service.checksum(id)));
    expect(sums[0]).toBe(wanted);
    expect(sums[1]).toBe(wanted);
    expect(sums[2]).not.toBe(wanted);
  });

  it('keeps what is typed before the model is known', async () => {
    const walk = await harness.open();
    let answer!: () => void;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await walk.page.route('**/v1/models', (route) => held.then(() => route.continue()));
    await walk.page.reload();
    await walk.prompt.fill('a red circle, typed early');
    answer();
    await walk.page.getByRole('radio', { name: SMALL.size }).waitFor();
    expect(await walk.prompt.inputValue()).toBe('a red circle, typed early');
  });

  it('says that it is offline', async () => {
    const walk = await harness.open();
    await walk.generate.waitFor();
    await walk.context.setOffline(true);
    await walk.page
      .getByRole('alert')
      .getByText(/You are offline/)
      .waitFor();
    await walk.context.setOffline(false);
    await walk.page.getByText(/You are offline/).waitFor({ state: 'detached' });
  });

  it('says that it is offline to a viewer who submits meanwhile, and keeps what was typed', async () => {
    const walk = await harness.open();
    await walk.page.getByRole('radio', { name: SMALL.size }).check();
    await walk.prompt.fill('a red circle');
    await walk.context.setOffline(true);
    await walk.generate.click();
    await walk.page.getByText('You are offline. Try again when you are back.').waitFor();
    expect(await walk.prompt.inputValue()).toBe('a red circle');
    await walk.context.setOffline(false);
  });

  it('keeps what was typed when the key is refused meanwhile', async () => {
    const walk = await harness.open();
    await walk.page.getByRole('radio', { name: SMALL.size }).check();
    await walk.prompt.fill('a long thought');
    const refuse = (route: Route) =>
      route.fulfill({ status: 401, json: { error: { message: 'No.', code: 'invalid_api_key', param: null } } });
    await walk.page.route('**/v1/videos', refuse);
    await walk.generate.click();
    await walk.page.getByLabel('API key').fill('another');
    await walk.page.unroute('**/v1/videos', refuse);
    await walk.page.getByRole('button', { name: 'Use this key' }).click();
    await walk.page.getByLabel('API key').waitFor({ state: 'detached' });
    expect(await walk.prompt.inputValue()).toBe('a long thought');
  });

  it('says so while the API is down, and goes on afterwards', async () => {
    const walk = await harness.open();
    await walk.submit('a green circle moving down on a black background', LONG);
    await walk.phase(/Denoising/).waitFor();
    await harness.service.servingApi();
    for (const name of ['api-standby', 'api'] as const) harness.service.kill(name);
    await walk.page
      .getByRole('alert')
      .getByText(/server is not responding/)
      .waitFor();
    await walk.page.getByText(/server is not responding/).waitFor({ state: 'detached' });
    await walk.videoIsShown();
  });

  it('goes on when the API process that serves it is killed and another one takes over', async () => {
    const walk = await harness.open();
    await walk.submit('a green circle moving up on a black background', LONG);
    await walk.phase(/Denoising/).waitFor();
    const serving = await harness.service.servingApi();
    const killed = performance.now();
    harness.service.kill(serving);
    await walk.page.waitForResponse((response) => response.url().endsWith('/events') && response.ok());
    const away = performance.now() - killed;
    process.stdout.write(
      `the serving API process was killed: the page's stream went on after ${Math.round(away)} ms\n`,
    );
    await walk.videoIsShown();
  });

  it('sends few requests and holds no connection while it is hidden, or once all videos are finished', async () => {
    const walk = await harness.open();
    const requests: string[] = [];
    const streams = new Set<unknown>();
    walk.page.on('request', (request) => {
      requests.push(`${request.method()} ${request.url()}`);
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
    const before = requests.length;
    await sleep(3_000);
    expect(requests.slice(before).slice(1)).toEqual([]);
    await walk.setHidden(false);
    await walk.videoIsShown();
    await walk.plays();
    await sleep(2_000);
    const after = requests.length;
    await sleep(4_000);
    expect(requests.slice(after).slice(2)).toEqual([]);
    await walk.setHidden(true);
    await sleep(1_000);
    const hidden = requests.length;
    await sleep(6_000);
    expect(requests.slice(hidden)).toEqual([]);
  });
});

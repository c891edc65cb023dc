import { beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { VideoShare } from '../../../api/sharing/schema.ts';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
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
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); (await time()) < 0.1; await pause()) {
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
    expect(ground).toBe(colorScheme === 'light' ? 'rgb(246, 246, 244)' : 'rgb(15, 15, 14)');
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

  it('gives a visitor who is not to see the prompt no file that names it, whole or in parts; and the same pictures', async () => {
    const fileOf = async (url: string, range?: string) =>
      Buffer.from(await (await fetch(url, { headers: range === undefined ? {} : { range } })).arrayBuffer());
    const own = await fileOf(`${harness.url}/v1/videos/${id}/content`);
    expect(own.includes(PROMPT)).toBe(true);
    const [bare, shown] = [await share({}), await share({ show_prompt: true })];
    expect(await fileOf(`${shown.url}/video.mp4`)).toEqual(own);
    const given = await fileOf(`${bare.url}/video.mp4`);
    expect(given.length).toBe(own.length);
    for (const text of [PROMPT, 'kinora.video-settings', id]) expect(given.includes(text)).toBe(false);
    const at = own.indexOf(PROMPT);
    expect(await fileOf(`${bare.url}/video.mp4`, `bytes=${at}-${at + 9}`)).toEqual(given.subarray(at, at + 10));
    // Nothing but those settings differs.
    const [from, to] = [
      own.findIndex((byte, i) => byte !== given[i]),
      own.findLastIndex((byte, i) => byte !== given[i]),
    ];
    expect(JSON.parse(own.subarray(from, to + 1).toString())).toMatchObject({ schema: 'kinora.video-settings' });
    expect(
      given
        .subarray(from, to + 1)
        .toString()
        .trim(),
    ).toBe('');
  });

  it('makes a link with a few clicks, and ends it with one', async () => {
    const walk = await harness.open(`/?video=${id}`, { permissions: ['clipboard-read', 'clipboard-write'] });
    await walk.featured.getByRole('button', { name: 'Share' }).click();
    const dialog = walk.page.getByRole('dialog');
    await dialog.getByRole('radio', { name: '1 day' }).check();
    await dialog.getByRole('button', { name: 'Copy link' }).click();
    await dialog.getByText('The link is copied.').waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
    const link = await walk.page.evaluate<string>('navigator.clipboard.readText()');
    expect((await fetch(link)).status).toBe(200);
    await dialog.getByRole('button', { name: 'Revoke' }).first().click();
    await dialog.getByLabel('Link', { exact: true }).waitFor({ state: 'detached' });
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); (await fetch(link)).status !== 404; await pause()) {
      if (Date.now() > end) throw new Error('the revoked link still works');
    }
    expect(walk.complaints).toEqual([]);
  });

  it('takes the settings of a video over from its file, dropped on the page, and refuses another file', async () => {
    const walk = await harness.open();
    await walk.generate.waitFor();
    const mp4 = Buffer.from(await (await fetch(`${harness.url}/v1/videos/${id}/content`)).arrayBuffer());
    const drop = (bytes: Buffer) =>
      walk.page.evaluate(`(async () => {
        const bytes = Uint8Array.from(atob('${bytes.toString('base64')}'), (character) => character.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], 'a.mp4', { type: 'video/mp4' }));
        dispatchEvent(new DragEvent('dragover', { dataTransfer, cancelable: true }));
        dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
      })()`);
    await drop(Buffer.from('no video at all'));
    await walk.page.getByText(/not an MP4|cannot be read|no settings/i).waitFor();
    await drop(mp4);
    await walk.page.getByText(/settings are in the form/).waitFor();
    expect(await walk.prompt.inputValue()).toBe(PROMPT);
    expect(await walk.page.getByRole('radio', { name: '96 × 96' }).isChecked()).toBe(true);
  });

  it('says in plain English that a revoked link leads nowhere', async () => {
    const { url, id: shareId } = await share({});
    await fetch(`${harness.url}/v1/videos/${id}/shares/${shareId}`, { method: 'DELETE' });
    const walk = await harness.open(url);
    await walk.page.getByRole('heading', { name: 'There is no video here' }).waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
  });
});

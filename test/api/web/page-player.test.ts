import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { VideoList } from '../../../api/jobs/video-schema.ts';
import { LONG, type PageWalk, SMALL } from '../../../tools/harness/page/page-walk.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { wholePage } from '../../support/page/page-harness.ts';

describeWith('chromium')("the page's player, in a real browser", () => {
  const harness = wholePage();
  const frameOf = async (walk: PageWalk) => Number(await walk.page.getByLabel('Position').inputValue());

  it('turns the strip of previews into a scrubber in the same place, and shows the previews again on demand', async () => {
    const walk = await harness.open();
    await walk.submit('a red circle moving left on a white background', { ...SMALL, steps: 60 });
    await walk.featured.getByRole('img', { name: /Preview after step/ }).waitFor();
    const strip = () => walk.featured.locator('.strip').boundingBox();
    const before = await strip();
    await walk.videoIsShown();
    await walk.page.getByLabel('Position').waitFor();
    expect(await strip()).toEqual(before);
    await walk.page.getByRole('button', { name: 'Denoising' }).click();
    await walk.page.getByLabel('Preview', { exact: true }).press('Home');
    await walk.featured.getByRole('img', { name: /Preview after step \d+/ }).waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.page.getByRole('button', { name: 'Frames' }).click();
    await walk.page.getByLabel('Position').waitFor();
    expect(walk.complaints).toEqual([]);
  });

  it('goes to any frame, one by one and by keys, plays between two points, and never takes a key from a field', async () => {
    const walk = await harness.open('/', { permissions: ['clipboard-read', 'clipboard-write'] });
    await walk.submit('a blue square growing on a white background', { ...SMALL, steps: 2 });
    await walk.plays();
    const { keyboard } = walk.page;
    await walk.page.getByRole('heading', { level: 2 }).first().click();
    await keyboard.press('k');
    await walk.page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await keyboard.press('0');
    expect(await frameOf(walk)).toBe(0);
    for (const key of ['.', '.', '.', ',']) await keyboard.press(key);
    expect(await frameOf(walk)).toBe(2);
    const time = () => walk.featured.locator('video').evaluate((video: { currentTime: number }) => video.currentTime);
    expect(Math.floor((await time()) * 12)).toBe(2);

    // Between the frames 2 and 4, and nowhere else.
    await keyboard.press('i');
    for (const key of ['.', '.', 'o', 'k']) await keyboard.press(key);
    await walk.page.evaluate(`
      globalThis.frames = new Set();
      const position = document.querySelector('[aria-label=Position]');
      setInterval(() => frames.add(Number(position.value)), 5);
    `);
    await walk.until('globalThis.frames.size >= 3');
    await walk.page.waitForTimeout(1_000);
    const frames = await walk.page.evaluate<number[]>('[...globalThis.frames]');
    // A frame may be drawn before it is known to be past the end.
    expect(Math.max(...frames)).toBeLessThanOrEqual(5);
    expect(Math.min(...frames)).toBeGreaterThanOrEqual(2);

    const shown = await frameOf(walk);
    await walk.prompt.fill('');
    await walk.prompt.pressSequentially('0123 kjl');
    expect(await walk.prompt.inputValue()).toBe('0123 kjl');
    await walk.page.getByRole('button', { name: 'Loop all' }).waitFor();
    expect(shown).toBeGreaterThan(0);
    expect(walk.complaints).toEqual([]);
  });

  it('saves the frame that is shown as a picture, and copies it', async () => {
    const walk = await harness.open('/', { permissions: ['clipboard-read', 'clipboard-write'] });
    await walk.submit('a green star rising on a black background', { ...SMALL, steps: 2 });
    await walk.plays();
    const [download] = await Promise.all([
      walk.page.waitForEvent('download'),
      (async () => {
        await walk.page.getByRole('button', { name: 'Frame', exact: true }).click();
        await walk.page.getByRole('menuitem', { name: 'Save frame' }).click();
      })(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^video_.*-frame-\d+\.png$/);
    const png = await readFile(await download.path());
    expect([png.subarray(1, 4).toString(), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(['PNG', 96, 96]);
    await walk.page.getByRole('heading', { level: 2 }).first().click();
    await walk.page.keyboard.press('c');
    await walk.page.getByText('Frame copied.').waitFor();
    const types = await walk.page.evaluate('navigator.clipboard.read().then(([item]) => [...item.types])');
    expect(types).toEqual(['image/png']);
  });

  it('downloads the video as WebM, GIF and single frames, which are made meanwhile', async () => {
    const walk = await harness.open();
    await walk.submit('a cyan square bouncing on a navy background', { ...SMALL, steps: 2 });
    await walk.videoIsShown();
    for (const [item, name, magic] of [
      ['Download as WebM', /\.webm$/, Buffer.from([0x1a, 0x45, 0xdf, 0xa3])],
      ['Download as GIF', /\.gif$/, Buffer.from('GIF8')],
      ['Download the frames', /\.zip$/, Buffer.from('PK')],
    ] as const) {
      const [download] = await Promise.all([walk.page.waitForEvent('download'), walk.choose(item)]);
      expect(download.suggestedFilename()).toMatch(name);
      const bytes = await readFile(await download.path());
      expect(bytes.subarray(0, magic.length)).toEqual(magic);
    }
  });

  it('lists its keys, and lets them be switched off', async () => {
    const walk = await harness.open();
    await walk.generate.waitFor();
    await walk.page.keyboard.press('?');
    await walk.page.getByRole('dialog').getByText('one frame back, on').waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.page.getByLabel(/Single keys/).uncheck();
    await walk.page.getByRole('dialog').getByRole('button', { name: 'Done', exact: true }).click();
    await walk.page.keyboard.press('p');
    expect(await walk.page.evaluate('document.activeElement.tagName')).not.toBe('TEXTAREA');
    await walk.page.reload();
    await walk.generate.waitFor();
    await walk.page.keyboard.press('p');
    expect(await walk.page.evaluate('document.activeElement.tagName')).not.toBe('TEXTAREA');
  });

  it('marks a video that became ready meanwhile as new until it is seen, and says so in the title of a hidden tab', async () => {
    const walk = await harness.open();
    const id = await walk.submit('a pink circle pulsing on a navy background', LONG);
    await walk.phase(/Denoising/).waitFor();
    expect(await walk.page.title()).toMatch(/^\d+ % · Kinora$/);
    const { id: other } = await harness.service.create({ prompt: 'made elsewhere', size: '96x96', num_frames: 7 });
    await walk.card('made elsewhere').waitFor();
    await walk.setHidden(true);
    await harness.service.completed(id);
    await walk.until('document.title === "Done · Kinora"');
    await walk.setHidden(false);
    await walk.until('document.title === "Kinora"');
    await harness.service.completed(other);
    const card = walk.card('made elsewhere');
    await card.getByText('New', { exact: true }).waitFor();
    await card.getByRole('link').click();
    await card.getByText('New', { exact: true }).waitFor({ state: 'detached' });
  });

  it('makes variations with one click, shows them side by side and in step, and lets one be chosen by its number', async () => {
    const walk = await harness.open();
    await walk.page.getByRole('group', { name: 'Variations' }).getByRole('radio', { name: '3' }).check();
    await walk.prompt.fill('an orange ball rising on a black background');
    await walk.page.getByRole('radio', { name: SMALL.size }).check();
    await walk.page.getByRole('button', { name: 'Generate 3' }).click();
    const tiles = walk.featured.locator('.group-tile');
    await tiles.nth(2).waitFor();
    await walk.until(`document.querySelectorAll('.group-tile video').length === 3`);
    await walk.until(`[...document.querySelectorAll('.group-tile video')].every((video) => video.currentTime > 0.2)`);
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.page.getByRole('button', { name: 'Pause' }).click();
    await walk.until(`[...document.querySelectorAll('.group-tile video')].every((video) => video.paused)`);
    await walk.page.getByLabel('Position').press('Home');
    await walk.until(`[...document.querySelectorAll('.group-tile video')].every((video) => video.currentTime < 0.1)`);

    const first = walk.videoId();
    await walk.page.keyboard.press('2');
    await walk.videoIsShown();
    expect(walk.videoId()).not.toBe(first);
    const { data } = (await (await fetch(`${harness.url}/v1/videos?limit=20`)).json()) as VideoList;
    const group = data.filter(({ prompt }) => prompt === 'an orange ball rising on a black background');
    expect(new Set(group.map(({ seed }) => seed)).size).toBe(3);
    expect(walk.complaints).toEqual([]);
  });
});

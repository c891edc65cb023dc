import { expect, it } from 'vitest';
import type { PageWalk } from '../../../tools/harness/page/page-walk.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { wholePage } from '../../support/page/page-harness.ts';

describeWith('chromium')('videos that the page compares, in a real browser', () => {
  const harness = wholePage();

  /** Ids of a finished video for each seed, in their order. */
  async function made(...seeds: number[]): Promise<string[]> {
    const shape = { prompt: 'a pink star pulsing on a gray background', size: '96x96', num_frames: 7 };
    const ids: string[] = [];
    for (const seed of seeds) ids.push((await harness.service.create({ ...shape, num_inference_steps: 2, seed })).id);
    for (const id of ids) await harness.service.completed(id);
    return ids;
  }

  async function chooseOnCard(walk: PageWalk, id: string, item: string): Promise<void> {
    const card = walk.cards.filter({ has: walk.page.locator(`a[href="?video=${id}"]`) });
    await card.hover();
    await card.getByRole('button', { name: 'More' }).click();
    await walk.page.getByRole('menuitem', { name: item, exact: true }).click();
  }

  const rowsOf = (walk: PageWalk) => walk.featured.getByRole('table').getByRole('row');
  const seeds = (walk: PageWalk, row: string) =>
    rowsOf(walk)
      .filter({ hasText: new RegExp(`^${row}$`) })
      .waitFor();
  const comparedIn = (walk: PageWalk) => new URL(walk.page.url()).searchParams.get('compare');
  const VIDEOS = `[...document.querySelectorAll('.compare video')]`;

  it('compares two videos in step, with a wipe or side by side, and says what differs alone', async () => {
    const [a, b] = (await made(5, 6)) as [string, string];
    const walk = await harness.open(`/?video=${a}`);
    await walk.plays();
    await chooseOnCard(walk, b, 'Compare with the shown one');
    const rows = walk.featured.getByRole('table').getByRole('row');
    await rows.nth(1).waitFor();
    expect(await rows.allTextContents()).toEqual(['DiffersAB', 'Seed56']);
    const videos = `[...document.querySelectorAll('.compare video')]`;
    await walk.until(`${videos}.length === 2 && ${videos}.every((video) => video.currentTime > 0.1)`);
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.page.getByLabel('Divider').press('End');
    expect(await walk.page.getByLabel('Divider').inputValue()).toBe('100');
    await walk.page.getByRole('button', { name: 'Side by side' }).click();
    await walk.page.getByLabel('Divider').waitFor({ state: 'detached' });
    await walk.page.reload();
    await rows.nth(1).waitFor();
    await walk.featured.getByRole('button', { name: 'Done', exact: true }).click();
    await walk.page.getByRole('table').waitFor({ state: 'detached' });
    expect(walk.complaints).toEqual([]);
  });

  it('compares four videos in step in a grid, takes any of them out, and keeps what is left in the address', async () => {
    const [a, b, c, d, e] = (await made(11, 12, 13, 14, 15)) as [string, string, string, string, string];
    const walk = await harness.open(`/?video=${a}&compare=${b}`);
    await seeds(walk, 'Seed1112');
    await chooseOnCard(walk, c, 'Add to the comparison');
    await chooseOnCard(walk, d, 'Add to the comparison');
    await seeds(walk, 'Seed11121314');
    await walk.page.getByText('4 videos are compared.').waitFor();
    expect(comparedIn(walk)).toBe([b, c, d].join());
    // Browsers pause what is out of sight, and the cards may be far down.
    await walk.page.evaluate('scrollTo(0, 0)');
    await walk.until(`${VIDEOS}.length === 4 && ${VIDEOS}.every((video) => video.currentTime > 0.1)`);
    expect(await walk.page.getByLabel('Divider').count()).toBe(0);
    await walk.page.getByRole('button', { name: 'Pause' }).click();
    await walk.page.getByLabel('Position').press('Home');
    await walk.until(`${VIDEOS}.every((video) => video.paused && video.currentTime < 0.1)`);
    await chooseOnCard(walk, e, 'Add to the comparison');
    await walk.page.getByText('4 videos are compared at most').waitFor();

    await walk.page.reload();
    await seeds(walk, 'Seed11121314');
    await walk.page.getByRole('button', { name: 'Take B out of the comparison' }).click();
    await seeds(walk, 'Seed111314');
    await walk.page.keyboard.press('-');
    await seeds(walk, 'Seed1113');
    await walk.page.goBack();
    await seeds(walk, 'Seed111314');
    await walk.page.getByRole('button', { name: 'Take A out of the comparison' }).click();
    await seeds(walk, 'Seed1314');
    expect(walk.videoId()).toBe(c);
    await walk.page.keyboard.press('Escape');
    await walk.page.getByRole('table').waitFor({ state: 'detached' });
    expect(comparedIn(walk)).toBeNull();
    expect(walk.complaints).toEqual([]);
  });

  it('shows four in a narrow window: all pictures at once, and nothing wider than the window', async () => {
    const [first, ...others] = await made(31, 32, 33, 34);
    const walk = await harness.open(`/?video=${first}&compare=${others.join()}`, {
      viewport: { width: 390, height: 844 },
    });
    await seeds(walk, 'Seed31323334');
    await walk.until(`${VIDEOS}.length === 4 && ${VIDEOS}.every((video) => video.readyState >= 2)`);
    const sizes = await walk.page.evaluate<[number, number, number][]>(
      `${VIDEOS}.map((video) => video.getBoundingClientRect()).map((at) => [at.width, at.height, at.bottom])`,
    );
    for (const [width, height, bottom] of sizes) {
      expect(Math.min(width, height)).toBeGreaterThan(150);
      expect(bottom).toBeLessThan(844);
    }
    expect(await walk.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await expect(walk.axe()).resolves.toEqual([]);
    expect(walk.complaints).toEqual([]);
  });

  it('a deleted video leaves the comparison and the address: the shown one, another one, and one deleted elsewhere', async () => {
    const [a, b, c, d] = (await made(21, 22, 23, 24)) as [string, string, string, string];
    const walk = await harness.open(`/?video=${a}&compare=${[b, c, d].join()}`);
    await seeds(walk, 'Seed21222324');
    await walk.choose('Delete');
    await seeds(walk, 'Seed222324');
    expect([walk.videoId(), comparedIn(walk)]).toEqual([b, [c, d].join()]);

    await chooseOnCard(walk, d, 'Delete');
    await seeds(walk, 'Seed2223');
    expect(comparedIn(walk)).toBe(c);

    await fetch(`${harness.url}/v1/videos/${c}`, { method: 'DELETE' });
    await walk.page.reload();
    await walk.until(`!new URLSearchParams(location.search).has('compare')`);
    await walk.videoIsShown();
    expect(walk.videoId()).toBe(b);

    await fetch(`${harness.url}/v1/videos/${b}`, { method: 'DELETE' });
    const [x] = (await made(25)) as [string];
    await walk.page.goto(`${harness.url}/?video=${b}&compare=${x}`);
    await walk.until(`new URLSearchParams(location.search).get('video') === '${x}'`);
    await walk.videoIsShown();
    expect(comparedIn(walk)).toBeNull();
  });
});

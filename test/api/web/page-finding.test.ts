import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import type { Video } from '../../../api/jobs/video-schema.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { StandInPage } from '../../support/page/page-harness.ts';
import { until } from '../../../tools/harness/patience.ts';
import type { PageWalk } from '../../../tools/harness/page/page-walk.ts';

const PROMPTS = ['A paper boat in the rain', 'A château at dawn', 'Snow falls through birches', 'Ink unfolds in water'];

describeWith('chromium')('finding, marking and removing videos on the page, in a real browser', () => {
  const harness = new StandInPage();
  const made = new Map<string, Video>();
  const idOf = (prompt: string) => made.get(prompt)!.id;
  beforeAll(async () => {
    for (const [at, prompt] of PROMPTS.entries()) {
      const video = await harness.service.create({ prompt, size: at % 2 ? '848x480' : '480x848' });
      made.set(prompt, await harness.service.finished(video.id));
    }
  });

  /** Waits until the cards are those of these prompts, newest first. */
  const shows = ({ page }: PageWalk, ...prompts: string[]) =>
    until(async () => (await page.locator('.video-card-prompt').allTextContents()).join() === prompts.join());
  const isGone = (id: string) => until(async () => (await harness.service.request(`/${id}`)).status === 404);
  const check = (walk: PageWalk, prompt: string) => walk.page.getByRole('checkbox', { name: `Select: ${prompt}` });
  const bar = ({ page }: PageWalk) => page.getByRole('group', { name: 'Selected videos' });
  it('a deleted video comes back with Undo, and what is not brought back is gone from the server', async () => {
    const { id } = await harness.service.create({ prompt: 'to be deleted' });
    await harness.service.finished(id);
    const walk = await harness.open(`/?video=${id}`);
    await walk.featured.getByRole('heading', { name: 'to be deleted' }).waitFor();
    await walk.choose('Delete');
    await walk.card('to be deleted').waitFor({ state: 'detached' });
    expect(walk.videoId()).toBe('');
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.page.getByRole('button', { name: 'Undo' }).click();
    await walk.page.mouse.move(0, 0);
    await walk.card('to be deleted').waitFor();
    expect(walk.videoId()).toBe(id);
    expect((await harness.service.request(`/${id}`)).status).toBe(200);

    await walk.featured.getByRole('heading', { name: 'to be deleted' }).waitFor();
    await walk.page.keyboard.press('Delete');
    await walk.page.keyboard.press('Control+z');
    await walk.card('to be deleted').waitFor();
    await walk.page.keyboard.press('Delete');
    await walk.page.getByText('Deleted.').waitFor();
    await walk.page.getByText('Deleted.').waitFor({ state: 'detached' });
    await isGone(id);
    await walk.page.goto(`${harness.url}/?video=${id}`);
    await walk.featured.getByText(/There is no such video/).waitFor();
  });

  it('a video that was deleted is gone for good when the page is left before the time to undo is over', async () => {
    const { id } = await harness.service.create({ prompt: 'left behind' });
    const walk = await harness.open();
    await walk.card('left behind').getByRole('button', { name: 'More' }).click();
    await walk.page.getByRole('menuitem', { name: 'Delete' }).click();
    await walk.card('left behind').waitFor({ state: 'detached' });
    // The next card has the keyboard's place.
    await walk.isFocused(walk.card(PROMPTS.at(-1)!).getByRole('link'));
    await walk.page.goto('about:blank');
    await isGone(id);
  });

  it('selected cards can be deleted together, by mouse and by keyboard alone', async () => {
    const ids: string[] = [];
    for (const prompt of ['one', 'two', 'three', 'four']) {
      const { id } = await harness.service.create({ prompt });
      ids.unshift(id);
      await harness.service.finished(id);
    }
    const walk = await harness.open();
    await check(walk, 'four').check();
    await check(walk, 'two').click({ modifiers: ['Shift'] });
    await bar(walk).getByText('3 selected').waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.page.keyboard.press('Escape');
    await bar(walk).waitFor({ state: 'detached' });

    await walk.card('four').getByRole('link').focus();
    const { keyboard } = walk.page;
    await keyboard.press('Control+a');
    await bar(walk).getByText('8 selected').waitFor();
    await keyboard.press('Escape');
    await keyboard.press('x');
    await keyboard.press('Shift+ArrowRight');
    await keyboard.press('Shift+ArrowRight');
    await walk.isFocused(walk.card('two').getByRole('link'));
    await bar(walk).getByText('3 selected').waitFor();
    await keyboard.press('Delete');
    await walk.page.getByText('3 videos deleted.').waitFor();
    await shows(walk, 'one', ...PROMPTS.toReversed());
    await walk.isFocused(walk.card('one').getByRole('link'));
    await walk.page.getByText('3 videos deleted.').waitFor({ state: 'detached' });
    for (const id of ids.slice(0, 3)) await isGone(id);
    await harness.service.openai.videos.delete(ids[3]!);
  });

  it('names the videos with which something could not be done', async () => {
    const walk = await harness.open();
    await walk.page.route('**/v1/videos/*', (route) =>
      route.request().method() === 'DELETE' && route.request().url().endsWith(idOf(PROMPTS[1]!))
        ? route.fulfill({ status: 503, json: { error: { code: 'service_unavailable', message: '' } } })
        : route.request().method() === 'DELETE'
          ? route.fulfill({ json: {} })
          : route.continue(),
    );
    await check(walk, PROMPTS[0]!).check();
    await check(walk, PROMPTS[1]!).check();
    await bar(walk).getByRole('button', { name: 'Delete' }).click();
    await walk.page
      .getByText(/1 of 2 videos could not be deleted.*“A château at dawn”: The server is not ready/)
      .waitFor();
    await walk.card(PROMPTS[1]!).waitFor();
  });

  it('shows what a filter finds, keeps it in the address, and offers to clear it', async () => {
    const walk = await harness.open();
    await walk.page.getByRole('button', { name: 'Failed' }).click();
    await walk.page.getByText('Nothing matches.').waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
    await walk.page.reload();
    await walk.page.getByText('Nothing matches.').waitFor();
    await walk.page.getByRole('button', { name: 'Clear filters' }).click();
    await shows(walk, ...PROMPTS.toReversed());
    await walk.page.getByRole('button', { name: 'Size' }).click();
    await walk.page.getByRole('menuitemcheckbox', { name: '480 × 848' }).click();
    await shows(walk, PROMPTS[2]!, PROMPTS[0]!);
    await walk.page.goBack();
    await shows(walk, ...PROMPTS.toReversed());
  });

  it('finds videos by the beginnings of words of their prompts, as the viewer types', async () => {
    const walk = await harness.open();
    await walk.card(PROMPTS[0]!).waitFor();
    await walk.page.keyboard.press('/');
    const field = walk.page.getByRole('searchbox', { name: 'Search videos' });
    await walk.isFocused(field);
    await walk.page.keyboard.type('chat');
    await shows(walk, PROMPTS[1]!);
    await walk.page.reload();
    await shows(walk, PROMPTS[1]!);
    expect(await field.inputValue()).toBe('chat');
    await field.press('Escape');
    await shows(walk, ...PROMPTS.toReversed());
    await field.fill('nothing of the kind');
    await walk.page.getByText('Nothing matches.').waitFor();
  });

  it('stars and tags videos, and finds them by both', async () => {
    const walk = await harness.open(`/?video=${idOf(PROMPTS[3]!)}`);
    await walk.featured.getByRole('heading', { name: PROMPTS[3]! }).waitFor();
    await walk.page.keyboard.press('s');
    await walk.featured.getByRole('button', { name: 'Star', pressed: true }).waitFor();
    await walk.card(PROMPTS[2]!).hover();
    await walk.card(PROMPTS[2]!).getByRole('button', { name: 'Star' }).click();
    await walk.page.getByRole('button', { name: 'Starred' }).click();
    await shows(walk, PROMPTS[3]!, PROMPTS[2]!);
    await walk.page.keyboard.press('t');
    const dialog = walk.page.getByRole('dialog');
    await dialog.getByLabel('Add a tag').fill('  água  ');
    await walk.page.keyboard.press('Enter');
    await dialog.getByText('água').waitFor();
    await expect(walk.axe()).resolves.toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await walk.card(PROMPTS[3]!).getByText('água').waitFor();
    await until(async () => (await harness.service.retrieve(idOf(PROMPTS[3]!))).tags.join() === 'água');

    await check(walk, PROMPTS[3]!).check();
    await check(walk, PROMPTS[2]!).check();
    await walk.page.keyboard.press('t');
    await dialog.getByText('1 of 2').waitFor();
    await dialog.getByLabel('Add a tag').fill('Slow');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await walk.page.getByText('2 videos tagged.').waitFor();
    await walk.page.keyboard.press('Escape');
    await walk.page.getByRole('button', { name: 'Starred' }).click();
    await walk.page.getByRole('button', { name: 'Tag', exact: true }).click();
    await walk.page.getByRole('menuitemcheckbox', { name: 'Slow' }).click();
    await shows(walk, PROMPTS[3]!, PROMPTS[2]!);
    await walk.page.getByRole('button', { name: 'Tag: Slow' }).click();
    await walk.page.getByRole('menuitemcheckbox', { name: 'água' }).click();
    await shows(walk, PROMPTS[3]!);
    await walk.page.reload();
    await shows(walk, PROMPTS[3]!);
  });

  it('downloads the selected videos as a ZIP', async () => {
    const walk = await harness.open();
    await check(walk, PROMPTS[0]!).check();
    await check(walk, PROMPTS[1]!).check();
    const [download] = await Promise.all([
      walk.page.waitForEvent('download'),
      bar(walk).getByRole('button', { name: 'Download ZIP' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.zip$/);
    expect((await readFile(await download.path())).subarray(0, 2).toString()).toBe('PK');
  });
});

/**
 * `npm run screenshots`: pictures of the page in every state and size, from the real service, into `docs/assets/page/`.
 * `npm run screenshots -- queued tags` takes those of these states anew and leaves the others.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import { launchChromium } from '../harness/page/browser.ts';
import { PageWalk } from '../harness/page/page-walk.ts';
import { WholeService } from '../harness/services/whole-service.ts';
import { toWebp } from './webp.ts';

const FOLDER = fileURLToPath(new URL('../../../docs/assets/page/', import.meta.url));
const window = (width: number, height: number, options: BrowserContextOptions = {}): BrowserContextOptions => ({
  viewport: { width, height },
  ...options,
});
const SIZES = {
  light: window(1440, 900),
  dark: window(1440, 900, { colorScheme: 'dark' }),
  low: window(1366, 650),
  phone: window(390, 844, { deviceScaleFactor: 2, hasTouch: true }),
};
/** Of one state only. */
const MORE_SIZES = {
  wide: window(2560, 1440),
  small: window(320, 640),
  zoomed: window(720, 450, { deviceScaleFactor: 2 }),
  'forced-colors': window(1440, 900, { forcedColors: 'active' }),
};
const { light, dark, low, phone } = SIZES;
const RTL = { rtl: light };
const GALLERY = [
  'a yellow star growing on a black background',
  'a cyan square bouncing on a navy background',
  'an orange ball rising on a black background',
  'a purple triangle swinging on a gray background',
];
/** Slow enough to be photographed in every size. */
const SLOW = {
  prompt: 'a red circle moving left on a white background',
  num_inference_steps: 200,
  num_frames: 37,
  seed: 7,
};

/** Empty for all. */
const wanted = process.argv.slice(2);

const service = await WholeService.start({});
const browser = await launchChromium();
try {
  if (wanted.length === 0) await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  await takeAll('empty', '');
  const ids: string[] = [];
  for (const [seed, prompt] of GALLERY.entries()) {
    const { id } = await service.create({ prompt, seed, size: seed % 2 ? '160x96' : '128x128' });
    await service.completed(id);
    ids.push(id);
  }
  const [star, square, ball, triangle] = ids;
  const making = await service.create(SLOW);
  const waiting = await service.create({ ...SLOW, prompt: 'a pink triangle swinging on a navy background' });
  await takeAll('queued', `?video=${waiting.id}`);
  await service.cancel(waiting.id);
  // The strip holds the previews that a page has seen.
  const made = `?video=${making.id}`;
  await takeAll('generating', made, SIZES, () => service.until(making.id, ({ progress }) => progress > 50));
  await takeAll('failed', `?video=${waiting.id}`);
  await service.completed(making.id);
  await takeAll('finished', made);
  await takeAll('finished', made, MORE_SIZES);
  await takeAll('finished', made, RTL, fromRightToLeft);
  await takeAll('more', made, { light }, (walk) =>
    walk.featured.getByRole('button', { name: 'More', exact: true }).click(),
  );
  await takeAll('settings', made, { light, low }, (walk) => walk.page.getByText('More settings').click());
  await takeAll('sheet', made, { phone }, (walk) => walk.page.getByRole('button', { name: /^Settings/ }).click());
  const group = await service.create({ prompt: 'a green star rising on a black background', n: 4, seed: 20 });
  for (const id of group.group!) await service.completed(id);
  await takeAll('group', `?video=${group.id}`, SIZES, (walk) =>
    walk.featured.getByRole('button', { name: 'All', exact: true }).click(),
  );
  await mark(star!, { starred: true, tags: ['keeper', 'for the trailer'] });
  await mark(ball!, { starred: true, tags: ['keeper'] });
  const found = '?q=black&status=completed&tag=keeper';
  await takeAll('finding', found, { light, dark, small: MORE_SIZES.small });
  await takeAll('finding', found, RTL, fromRightToLeft);
  await takeAll('selection', '', { light, dark, phone }, select);
  await takeAll('tags', `?video=${star}`, { light, dark, phone }, (walk) => walk.choose('Tags …'));
  const four = `?video=${star}&compare=${square},${ball},${triangle}`;
  await takeAll('compare', four, { light, dark, phone, 'forced-colors': MORE_SIZES['forced-colors'] });
  await takeAll('compare', four, RTL, fromRightToLeft);
} finally {
  await browser.close();
  await service.stop();
}

async function mark(id: string, marks: { starred: boolean; tags: string[] }): Promise<void> {
  const body = JSON.stringify(marks);
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${service.service.apiUrl}/v1/videos/${id}`, { method: 'POST', body, headers });
  if (!answer.ok) throw new Error(await answer.text());
}

async function fromRightToLeft({ page }: PageWalk): Promise<void> {
  await page.evaluate(`document.documentElement.dir = 'rtl'`);
}

/** Selects two cards, by touch, too. */
async function select({ cards, page }: PageWalk): Promise<void> {
  await cards.first().getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Select' }).click();
  await cards.nth(1).getByRole('checkbox').check();
  await cards.first().scrollIntoViewIfNeeded();
}

/** @param query of the page's address; empty for no video */
async function takeAll(
  state: string,
  query: string,
  sizes: Record<string, BrowserContextOptions> = SIZES,
  act: (walk: PageWalk) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(state)) return;
  const walks: [string, PageWalk][] = [];
  for (const [size, options] of Object.entries(sizes)) {
    const address = `${service.service.apiUrl}/${query}`;
    const walk = await PageWalk.open(browser, address, options);
    await walk.generate.and(walk.page.locator('[aria-disabled=false]')).waitFor();
    walks.push([size, walk]);
  }
  for (const [size, walk] of walks) {
    await act(walk);
    // Until pictures have come and videos play.
    await walk.page.waitForTimeout(1_500);
    const png = await walk.page.screenshot();
    await walk.close();
    const picture = await toWebp(browser, png);
    await writeFile(`${FOLDER}${state}-${size}.webp`, picture);
    process.stdout.write(`docs/assets/page/${state}-${size}.webp  ${Math.round(picture.length / 1000)} KB\n`);
  }
}

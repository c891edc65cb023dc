/** `npm run screenshots`: pictures of the page in every state and size, from the real service, into `docs/assets/page/`. */
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
const GALLERY = [
  'a yellow star growing on a black background',
  'a cyan square bouncing on a navy background',
  'an orange ball rising on a black background',
  'a purple triangle swinging on a gray background',
];
/** Slow enough to be photographed in every size. */
const SLOW = { prompt: 'a red circle moving left on a white background', num_inference_steps: 200, seed: 7 };

const service = await WholeService.start({});
const browser = await launchChromium();
try {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  await takeAll('empty', '');
  for (const [seed, prompt] of GALLERY.entries()) {
    const { id } = await service.create({ prompt, seed, size: seed % 2 ? '160x96' : '128x128' });
    await service.completed(id);
  }
  const making = await service.create(SLOW);
  const waiting = await service.create({ ...SLOW, prompt: 'a pink triangle swinging on a navy background' });
  await takeAll('queued', waiting.id);
  await service.cancel(waiting.id);
  // The strip holds the previews that a page has seen.
  await takeAll('generating', making.id, SIZES, () => service.until(making.id, ({ progress }) => progress > 70));
  await takeAll('failed', waiting.id);
  await service.completed(making.id);
  await takeAll('finished', making.id);
  await takeAll('finished', making.id, MORE_SIZES);
  await takeAll('more', making.id, { light: SIZES.light }, (walk) =>
    walk.featured.getByRole('button', { name: 'More', exact: true }).click(),
  );
  await takeAll('settings', making.id, { light: SIZES.light, low: SIZES.low }, (walk) =>
    walk.page.getByText('More settings').click(),
  );
  await takeAll('sheet', making.id, { phone: SIZES.phone }, (walk) =>
    walk.page.getByRole('button', { name: /^Settings/ }).click(),
  );
  const group = await service.create({ prompt: 'a green star rising on a black background', n: 4, seed: 20 });
  for (const id of group.group!) await service.completed(id);
  await takeAll('group', group.id, SIZES, (walk) =>
    walk.page.getByRole('button', { name: 'All', exact: true }).click(),
  );
} finally {
  await browser.close();
  await service.stop();
}

/** @param videoId empty for none */
async function takeAll(
  state: string,
  videoId: string,
  sizes: Record<string, BrowserContextOptions> = SIZES,
  act: (walk: PageWalk) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const walks: [string, PageWalk][] = [];
  for (const [size, options] of Object.entries(sizes)) {
    const address = `${service.service.apiUrl}/${videoId && `?video=${videoId}`}`;
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

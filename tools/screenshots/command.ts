/** `npm run screenshots`: takes the README's pictures of the page again, from the real service. */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchChromium } from '../harness/page/browser.ts';
import { PageWalk } from '../harness/page/page-walk.ts';
import { WholeService } from '../harness/services/whole-service.ts';

const FOLDER = fileURLToPath(new URL('../../../docs/', import.meta.url));
const GALLERY = [
  'a yellow star growing on a black background',
  'a cyan square bouncing on a navy background',
  'an orange ball rising on a black background',
  'a purple triangle swinging on a gray background',
];
/** Slow enough to be photographed twice in progress. */
const IN_PROGRESS = { prompt: 'a red circle moving left on a white background', num_inference_steps: 160, seed: 7 };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

const service = await WholeService.start({});
const browser = await launchChromium();
try {
  await mkdir(FOLDER, { recursive: true });
  for (const [seed, prompt] of GALLERY.entries()) {
    const { id } = await service.create({ prompt, seed });
    await service.completed(id);
  }
  const { id } = await service.create(IN_PROGRESS);
  await service.until(id, ({ progress }) => progress > 35);
  await take('page-light', { colorScheme: 'light' }, id);
  await take('page-dark', { colorScheme: 'dark' }, id);
  await service.completed(id);
  await take('page-phone', { ...PHONE, colorScheme: 'light' }, id);
} finally {
  await browser.close();
  await service.stop();
}

async function take(name: string, options: BrowserContextOptions, videoId: string): Promise<void> {
  const size = { viewport: { width: 1280, height: 1180 } };
  const walk = await PageWalk.open(browser, `${service.service.apiUrl}/?video=${videoId}`, { ...size, ...options });
  await walk.cards.nth(GALLERY.length).locator('img').waitFor();
  if (name === 'page-phone') await walk.featured.scrollIntoViewIfNeeded();
  await walk.page.waitForTimeout(1_000);
  const png = await walk.page.screenshot();
  await walk.close();
  const picture = await toWebp(browser, png);
  await writeFile(`${FOLDER}${name}.webp`, picture);
  process.stdout.write(`docs/${name}.webp  ${Math.round(picture.length / 1000)} KB\n`);
}

/** A tenth of the PNG's size. */
async function toWebp(chromium: Browser, png: Buffer): Promise<Buffer> {
  const page = await chromium.newPage();
  const url = await page.evaluate<string>(`(async () => {
    const picture = await createImageBitmap(await (await fetch('data:image/png;base64,${png.toString('base64')}')).blob());
    const canvas = document.createElement('canvas');
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext('2d').drawImage(picture, 0, 0);
    return canvas.toDataURL('image/webp', 0.9);
  })()`);
  await page.close();
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Settings of the form for videos that are small, made in a moment, or in some seconds: time to reload, to cancel. */
export const SMALL = { size: '96 × 96', length: '0.6 s' };
export const QUICK = { ...SMALL, steps: 2 };
export const LONG = { ...SMALL, steps: 200 };
/** As long as there is. */
export const LONGEST = { steps: 200 };

/** A tab with the page, and everything that went wrong in it. */
export class PageWalk {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained about: scripts' errors, what the content security policy refused, … */
  readonly complaints: string[] = [];
  /** Hosts that were asked for anything. */
  readonly hosts = new Set<string>();

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== 'blob:') this.hosts.add(host);
    });
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<PageWalk> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(60_000);
    const walk = new PageWalk(context, await context.newPage());
    await walk.page.goto(url);
    return walk;
  }

  /** What the page shows large. */
  get stage() {
    return this.page.getByRole('region', { name: 'Video', exact: true });
  }

  /** What the stage says of the phase, once it is like that. */
  phase(words: RegExp) {
    return this.stage.locator('.progress-words').filter({ hasText: words });
  }

  /** The small cards, newest first. */
  get cards() {
    return this.page.locator('.gallery-grid > li');
  }

  /** Types a prompt and submits it. */
  async submit(prompt: string, settings: { steps?: number; seed?: number; size?: string; length?: string } = {}) {
    const { page } = this;
    await page.getByLabel('What should the video show?').fill(prompt);
    const { steps, seed, size, length } = settings;
    if (size) await page.getByRole('radio', { name: size }).check();
    if (length) await page.getByRole('radio', { name: length }).check();
    if (steps !== undefined || seed !== undefined) {
      if (!(await page.getByLabel('Steps').isVisible())) await page.getByText('More settings').click();
      if (steps !== undefined) await page.getByLabel('Steps').fill(String(steps));
      if (seed !== undefined) await page.getByLabel('Seed').fill(String(seed));
    }
    const before = page.url();
    await page.getByRole('button', { name: 'Make the video' }).click();
    for (const end = Date.now() + 60_000; page.url() === before; await sleep(50)) {
      const [failure] = await page.locator('.composer .field-error').allTextContents();
      if (failure || Date.now() > end) throw new Error(`not submitted: ${failure ?? 'no answer'}`);
    }
    return this.videoId();
  }

  /** Waits until there is a video on the stage. */
  videoIsShown(options: { timeout?: number } = {}): Promise<void> {
    return this.stage.locator('video').waitFor(options);
  }

  /** Waits until the video on the stage has shown some of its frames. */
  async plays(): Promise<void> {
    const video = this.stage.locator('video');
    const time = () => video.evaluate((element: { currentTime: number }) => element.currentTime);
    for (const end = Date.now() + 60_000; (await time()) < 0.2; await sleep(50)) {
      if (Date.now() > end) throw new Error('the video does not play');
    }
  }

  /** As a browser does with a tab that goes behind another one, or comes back. */
  async setHidden(hidden: boolean): Promise<void> {
    await this.page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
  }

  /** Id of the video on the stage, as the address says. */
  videoId(): string {
    return new URL(this.page.url()).searchParams.get('video') ?? '';
  }

  /** Serious and critical findings of axe, one line each. */
  async axe(): Promise<string[]> {
    await this.page.evaluate(await readFile(AXE, 'utf8'));
    return await this.page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
    });
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

/** As much of axe as is used; its own types want the DOM's. */
interface Axe {
  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
}

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { PATIENCE_MS, pauses } from '../patience.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Form settings of small videos. QUICK ones take a moment, LONG ones seconds: time to reload or cancel. */
export const SMALL = { size: '96 × 96', length: '0.6 s' };
export const QUICK = { ...SMALL, steps: 2 };
export const LONG = { ...SMALL, steps: 200 };
/** The longest generation. */
export const LONGEST = { steps: 200 };

/** The page in a tab of its own, with everything that went wrong in it. */
export class PageWalk {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser logged: script errors, refusals of the content security policy, … */
  readonly complaints: string[] = [];
  /** Hosts of all requests. */
  readonly hosts = new Set<string>();

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // A preview may be gone by the time that it is asked for.
      if (message.location().url.includes('/preview')) return;
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== 'blob:') this.hosts.add(host);
    });
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<PageWalk> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    const walk = new PageWalk(context, await context.newPage());
    await walk.page.goto(url);
    return walk;
  }

  /** The form's prompt. */
  get prompt() {
    return this.page.getByLabel('Prompt', { exact: true });
  }

  /** The form's button. */
  get generate() {
    return this.page.getByRole('button', { name: 'Generate', exact: true });
  }

  /** The video that the page shows large. */
  get featured() {
    return this.page.getByRole('region', { name: 'Video', exact: true });
  }

  /** The featured video's phase, once it reads like this. */
  phase(text: RegExp) {
    return this.featured.locator('.progress-text').filter({ hasText: text });
  }

  /** The gallery's cards, newest first. */
  get cards() {
    return this.page.locator('.gallery-grid > li');
  }

  /** The card of the video with this prompt. */
  card(prompt: string) {
    return this.cards.filter({ has: this.page.getByRole('link', { name: prompt, exact: true }) });
  }

  /** Opens the featured video's menu and chooses an item. */
  async choose(item: string): Promise<void> {
    await this.featured.getByRole('button', { name: 'More', exact: true }).click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** Waits until an element has the focus. */
  isFocused(element: Locator): Promise<void> {
    return element.and(this.page.locator(':focus')).waitFor();
  }

  /** Types a prompt and submits it. @returns the video's id */
  async submit(prompt: string, settings: { steps?: number; seed?: number; size?: string; length?: string } = {}) {
    const { page } = this;
    await this.prompt.fill(prompt);
    // In a narrow window the settings are in a sheet.
    const dock = page.getByRole('button', { name: /^Settings/ });
    if (await dock.isVisible()) await dock.click();
    const { steps, seed, size, length } = settings;
    if (size) await page.getByRole('radio', { name: size }).check();
    if (length) await page.getByRole('radio', { name: length }).check();
    if (steps !== undefined || seed !== undefined) {
      if (!(await page.getByLabel('Steps').isVisible())) await page.getByText('More settings').click();
      if (steps !== undefined) await page.getByLabel('Steps').fill(String(steps));
      if (seed !== undefined) await page.getByLabel('Seed').fill(String(seed));
    }
    return await this.submitForm();
  }

  /** Submits the form as it is. @returns the video's id */
  async submitForm(): Promise<string> {
    const before = this.videoId();
    await this.generate.click();
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); ['', before].includes(this.videoId()); await pause()) {
      const [failure] = await this.page.locator('.composer .field-error').allTextContents();
      if (failure || Date.now() > end) throw new Error(`not submitted: ${failure ?? 'no answer'}`);
    }
    return this.videoId();
  }

  /** Waits until the featured video is finished. */
  videoIsShown(options: { timeout?: number } = {}): Promise<void> {
    return this.featured.locator('video').waitFor(options);
  }

  /** Waits until the featured video has played some of its frames. */
  async plays(): Promise<void> {
    const video = this.featured.locator('video');
    const time = () => video.evaluate((element: { currentTime: number }) => element.currentTime);
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); (await time()) < 0.2; await pause()) {
      if (Date.now() > end) throw new Error('the video does not play');
    }
  }

  /** Waits until an expression is true in the page, whose policy forbids the browser's own way of waiting. */
  async until(expression: string): Promise<void> {
    for (
      const end = Date.now() + PATIENCE_MS, pause = pauses();
      !(await this.page.evaluate<boolean>(expression));
      await pause()
    ) {
      if (Date.now() > end) throw new Error(`not so in time: ${expression}`);
    }
  }

  /** Hides or shows the tab, as the browser does when another tab is selected. */
  async setHidden(hidden: boolean): Promise<void> {
    await this.page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
  }

  /** Id of the featured video, from the address; empty for none. */
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

/** The part of axe's interface that is used: its own types need the DOM's. */
interface Axe {
  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
}

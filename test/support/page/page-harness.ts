import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { GenerateHeartbeat } from '../../../contract/progress.ts';
import { gate } from '../../../tools/harness/gate.ts';
import { launchChromium } from '../../../tools/harness/page/browser.ts';
import { PageWalk } from '../../../tools/harness/page/page-walk.ts';
import type { Generate } from '../../../tools/harness/services/stand-in-workers.ts';
import { WholeService } from '../../../tools/harness/services/whole-service.ts';
import { type StandInOptions, StandInService } from '../services/stand-in-service.ts';

/** Chromium, a service, and the page in it. Each test opens the page, and it is closed when the test ends. */
class PageHarness<Service extends { stop(): Promise<void> }> {
  service!: Service;
  browser!: Browser;
  readonly #urlOf: (service: Service) => string;
  readonly #opened: PageWalk[] = [];

  constructor(start: () => Promise<Service>, urlOf: (service: Service) => string) {
    this.#urlOf = urlOf;
    beforeAll(async () => {
      // One after the other: what has been started is stopped where the next cannot be.
      this.browser = await launchChromium();
      this.service = await start();
    });
    afterAll(async () => {
      await this.browser?.close();
      await this.service?.stop();
    });
    afterEach(async () => {
      for (const walk of this.#opened.splice(0)) await walk.close();
    });
  }

  get url(): string {
    return this.#urlOf(this.service);
  }

  /** @param path or the whole address, of another server */
  async open(path = '/', options: BrowserContextOptions = {}): Promise<PageWalk> {
    const walk = await PageWalk.open(this.browser, new URL(path, this.url).href, options);
    this.#opened.push(walk);
    return walk;
  }
}

/** The page of the service as `npm start` runs it. */
export const wholePage = () =>
  new PageHarness(
    () => WholeService.start({ CHECKPOINT_STEPS: '5' }),
    ({ service }) => service.apiUrl,
  );

/** The page of the real API and workflow, whose activities are stand-ins that a test controls. */
export class StandInPage extends PageHarness<StandInService> {
  readonly #held: (() => void)[] = [];

  /**
   * @param options the service's; `gpuWorker: false` leaves all videos in the queue
   * @param accounts by default there are none, and no key is needed
   */
  constructor(
    { gpuWorker = true, ...options }: StandInOptions & { gpuWorker?: boolean } = {},
    accounts: () => Promise<StandInOptions['accounts']> = async () => undefined,
  ) {
    super(
      async () => {
        const given = await accounts();
        const service = await StandInService.start({ ...options, ...(given && { accounts: given }) });
        await service.workers.startCpuWorker();
        if (gpuWorker) await service.workers.startGpuWorker();
        return service;
      },
      ({ api }) => api.url,
    );
    afterEach(() => {
      for (const release of this.#held.splice(0)) release();
      this.service.workers.generate = async () => {};
      this.service.workers.published = async () => {};
    });
  }

  /** Keeps videos in progress, with these heartbeats, until the result is called or the test ends. */
  holdGenerate(heartbeat: () => Partial<GenerateHeartbeat>, before: Generate = async () => {}): () => void {
    const { open, opened } = this.#gate();
    this.service.workers.generate = async (input, beat) => {
      await before(input, beat);
      // Repeated, so that the attempt counts as alive.
      const beating = setInterval(() => beat(heartbeat()), 200);
      beat(heartbeat());
      await opened;
      clearInterval(beating);
    };
    return open;
  }

  /** Keeps generated videos from being saved until the result is called or the test ends. */
  holdUpload(): () => void {
    const { open, opened } = this.#gate();
    this.service.workers.published = () => opened;
    return open;
  }

  #gate() {
    const held = gate();
    this.#held.push(held.open);
    return held;
  }
}

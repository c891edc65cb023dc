import type { Gpu } from '../../contract/worker-status.ts';
import { readGpus } from './gpus.ts';

/** How long one look at the driver serves. */
const FRESH_MS = 5_000;

/** The machine's GPUs for whoever must not wait for the driver. */
export class GpuWatch {
  #gpus: Gpu[] | null = null;
  #freshUntil = 0;

  constructor() {
    this.#look();
  }

  /** As of the last look but one at most; null where there are none. */
  get newest(): Gpu[] | null {
    if (performance.now() > this.#freshUntil) this.#look();
    return this.#gpus;
  }

  #look(): void {
    this.#freshUntil = performance.now() + FRESH_MS;
    void readGpus().then((gpus) => (this.#gpus = gpus.length === 0 ? null : gpus));
  }
}

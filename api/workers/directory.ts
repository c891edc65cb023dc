import type { Temporal } from '../temporal.ts';
import { type Poller, pollers } from './pollers.ts';
import { TASK_QUEUES } from '../../workflows/contract.ts';

/** How long one answer of Temporal is used. */
const FRESH_MS = 5_000;
/** An idle worker asks for work at least once a minute. */
const ALIVE_MS = 75_000;

/** A GPU worker that can take jobs. */
export interface GpuWorker {
  identity: string;
  /** Kind of its devices; null while it has not said. */
  kind: string | null;
}

/** The workers: who asks Temporal for work. */
export class WorkerDirectory {
  readonly #temporal: Temporal;
  #pollers: Poller[] = [];
  #freshUntil = 0;

  constructor(temporal: Temporal) {
    this.#temporal = temporal;
  }

  /** Asks Temporal again where that is due. @throws ApiError `service_unavailable` */
  async refreshed(): Promise<void> {
    if (performance.now() < this.#freshUntil) return;
    this.#freshUntil = performance.now() + FRESH_MS;
    this.#pollers = await this.#temporal.call(pollers);
  }

  /** GPU workers that wait for work, and those that have not had the time yet to be missed. */
  gpuWorkers(): GpuWorker[] {
    return this.#pollers
      .filter(
        ({ taskQueue, lastSeenAt }) => taskQueue === TASK_QUEUES.gpu && Date.now() - lastSeenAt.getTime() < ALIVE_MS,
      )
      .map(({ identity }) => ({ identity, kind: null }));
  }
}

import type { Logger } from '../platform/log/logger.ts';
import type { ObjectStore } from './object-store.ts';

const CHECK_MS = 10_000;

/** Whether the stores of a worker can be used, for its `/readyz`: a disk may fill up, a folder lose its rights, a server go. */
export class StoreWatch {
  readonly #stores: Record<string, ObjectStore>;
  readonly #log: Logger;
  readonly #faults = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  #checking = false;

  /** @param stores by the setting that names each, e.g. `SCRATCH_URL` */
  constructor(stores: Record<string, ObjectStore>, log: Logger) {
    this.#stores = stores;
    this.#log = log;
    this.#timer = setInterval(() => void this.#check(), CHECK_MS).unref();
  }

  /** Null where all can be used. */
  get missing(): string | null {
    return [...this.#faults].map(([setting, fault]) => `${setting}: ${fault}`).join('; ') || null;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    for (const [setting, store] of Object.entries(this.#stores)) {
      const fault = await store.check().then(
        () => null,
        (error: Error) => error.message,
      );
      const before = this.#faults.get(setting);
      if (fault === null) this.#faults.delete(setting);
      else this.#faults.set(setting, fault);
      if (fault !== null && before === undefined) {
        this.#log.error({ setting, reason: fault }, 'A store cannot be used; the worker is not ready until it can');
      } else if (fault === null && before !== undefined) {
        this.#log.info({ setting }, 'A store can be used again');
      }
    }
    this.#checking = false;
  }
}

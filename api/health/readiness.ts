import { setTimeout as sleep } from 'node:timers/promises';
import { deniedIn, type ObjectStore } from '../../storage/object-store.ts';
import { within } from '../../platform/flow/deadline.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import type { Temporal } from '../jobs/temporal.ts';

/** The longest that a check waits for the store, in ms. */
const STORE_TIMEOUT_MS = 5_000;
/** Requests within that time, in ms, share one check: they need no key. */
const SHARED_MS = 250;
/** How long a request waits for a check once the process has been ready, in ms. */
const PATIENCE_MS = 500;

/**
 * Whether the process can take requests. It has to have had everything that it needs once; that something is away later is
 * said, and makes no difference: all processes would be taken out at once, and none be left to say so to clients, or to
 * show the videos that it knows.
 */
export class Readiness {
  readonly #temporal: Temporal;
  readonly #stores: Record<string, ObjectStore>;
  readonly #checks = new SingleFlightCache<true>(SHARED_MS);
  #temporalFails = true;
  #storeFaults: string[] = [];
  #wasReady = false;

  /** @param stores by what people call them, e.g. `artefact` */
  constructor(temporal: Temporal, stores: Record<string, ObjectStore>) {
    this.#temporal = temporal;
    this.#stores = stores;
  }

  /** Whether it can, and what is missing, in words. */
  async check(): Promise<{ ready: boolean; missing: string[] }> {
    const checking = this.#checks.next('', () => this.#checkAll());
    await (this.#wasReady ? Promise.race([checking, sleep(PATIENCE_MS)]) : checking);
    const missing = [
      ...(this.#temporal.isAway || this.#temporalFails ? ['Temporal does not answer'] : []),
      ...this.#storeFaults,
    ];
    return { ready: this.#wasReady, missing };
  }

  async #checkAll(): Promise<true> {
    const [temporalFault, storeFaults] = await Promise.all([
      faultOf(this.#temporal.check()),
      Promise.all(Object.entries(this.#stores).map(([name, store]) => storeFault(name, store))),
    ]);
    this.#storeFaults = storeFaults.filter((fault) => fault !== null);
    this.#temporalFails = temporalFault !== null;
    this.#wasReady ||= temporalFault === null && this.#storeFaults.length === 0;
    return true;
  }
}

/** The API only reads the store, and may have no right to do more. */
async function readable(store: ObjectStore): Promise<void> {
  const read = async () => {
    await store.list('readyz/')[Symbol.asyncIterator]().next();
    await store.head('readyz/probe');
  };
  await within(STORE_TIMEOUT_MS, read(), () => new Error('no answer'));
}

async function storeFault(name: string, store: ObjectStore): Promise<string | null> {
  const fault = await faultOf(readable(store));
  if (fault === null) return null;
  const denied = deniedIn(fault);
  return denied ? `the ${name} store refuses ${denied.permission}` : `the ${name} store cannot be used`;
}

const faultOf = (check: Promise<void>) =>
  check.then(
    () => null,
    (error: unknown) => error as Error,
  );

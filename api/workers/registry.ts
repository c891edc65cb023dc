import type { ObjectStore } from '../../storage/object-store.ts';
import { isRecorded } from '../../storage/worker-records.ts';
import { parseIdentity, type WorkerIdentity } from '../../temporal/worker-identity.ts';
import { TASK_QUEUES } from '../../contract/names.ts';
import type { WorkerStatus } from '../../contract/worker-status.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import type { Temporal } from '../jobs/temporal.ts';
import { type Poller, pollers } from './pollers.ts';
import { fetchStatus, type StatusAnswer } from './status.ts';

/** A worker, as Temporal and itself tell of it. */
export interface KnownWorker extends WorkerIdentity {
  /** The whole name under which it takes work. */
  identity: string;
  taskQueue: string;
  /** When it last asked for work or answered us. */
  lastSeenAt: Date;
  /** Its own report; null where it has no health port, or does not answer. */
  status: WorkerStatus | null;
}

/** A GPU worker that can take jobs. */
export interface GpuWorker {
  identity: string;
  /** Kind of its devices; null while it has not said. */
  kind: string | null;
}

/** How long one answer of Temporal is used. */
const FRESH_MS = 5_000;
/** How long one round of answers of the workers serves all that want to see them. */
const ANSWERS_FRESH_MS = 500;
/** An idle worker asks for work at least once a minute. A busy one asks nothing, but answers us. */
const ALIVE_MS = 75_000;

/** Time between two reads of the record of a worker that has none. */
const READ_RECORD_MS = 5_000;
/** Names that are kept; a client of Temporal can take any number of them. */
const MOST_WORKERS = 5_000;

interface Entry {
  identity: string;
  taskQueue: string;
  lastSeenAt: Date;
  /** It is really where its name says. */
  recorded: boolean;
  recordReadAt: number;
  answer: StatusAnswer;
}

/**
 * The workers: who asks Temporal for work, and what they report of themselves at the address that is in their name. A name
 * proves nothing: an address is asked only where a record in the scratch store says the same.
 */
export class WorkerRegistry {
  readonly #temporal: Temporal;
  readonly #scratch: ObjectStore;
  readonly #entries = new Map<string, Entry>();
  readonly #polled = new SingleFlightCache<true>(FRESH_MS);
  readonly #answered = new SingleFlightCache<true>(ANSWERS_FRESH_MS);

  constructor(temporal: Temporal, scratch: ObjectStore) {
    this.#temporal = temporal;
    this.#scratch = scratch;
  }

  /**
   * Asks Temporal again where that is due, and then, in the background, the workers.
   *
   * @throws ApiError `service_unavailable`
   */
  async refreshed(): Promise<void> {
    await this.#polled.get('', async () => {
      for (const poller of await this.#temporal.call(pollers)) this.#saw(poller);
      // Those that have just come are asked too.
      this.#answered.invalidate('');
      void this.#answers();
      return true;
    });
  }

  /** A read of a job has shown the GPU worker at work. */
  sawAtWork(identity: string): void {
    this.#saw({ identity, taskQueue: TASK_QUEUES.gpu, lastSeenAt: new Date() });
  }

  /** Everyone, asked just now. @throws ApiError `service_unavailable` */
  async workers(): Promise<KnownWorker[]> {
    await this.refreshed();
    await this.#answers();
    return this.known;
  }

  /** Everyone who was seen in the last minute and still listens. */
  get known(): KnownWorker[] {
    return [...this.#entries.values()].flatMap(({ identity, taskQueue, lastSeenAt, answer }) =>
      answer === 'gone' ? [] : [{ ...parseIdentity(identity), identity, taskQueue, lastSeenAt, status: answer }],
    );
  }

  /** GPU workers that wait for work, and those that have not had the time yet to be missed. */
  gpuWorkers(): GpuWorker[] {
    return this.known
      .filter(({ taskQueue, status }) => taskQueue === TASK_QUEUES.gpu && status?.ready !== false)
      .map(({ identity, status }) => ({ identity, kind: status?.device_kind ?? null }));
  }

  #saw({ identity, taskQueue, lastSeenAt }: Poller): void {
    const key = `${taskQueue} ${identity}`;
    const known = this.#entries.get(key);
    if (known === undefined) {
      if (!isRecent(lastSeenAt) || this.#entries.size >= MOST_WORKERS) return;
      this.#entries.set(key, {
        identity,
        taskQueue,
        lastSeenAt,
        recorded: false,
        recordReadAt: -Infinity,
        answer: null,
      });
    } else if (lastSeenAt > known.lastSeenAt) known.lastSeenAt = lastSeenAt;
  }

  #answers(): Promise<true> {
    return this.#answered.get('', () => this.#askAll());
  }

  async #askAll(): Promise<true> {
    await Promise.all([...this.#entries.values()].map((entry) => this.#ask(entry)));
    // Who is gone is kept for as long as Temporal may name it.
    for (const [key, { lastSeenAt }] of this.#entries) if (!isRecent(lastSeenAt)) this.#entries.delete(key);
    return true;
  }

  async #ask(entry: Entry): Promise<void> {
    const { url } = parseIdentity(entry.identity);
    if (url === null || !(await this.#isRecorded(entry, url))) return;
    entry.answer = await fetchStatus(url);
    if (entry.answer !== null && entry.answer !== 'gone') entry.lastSeenAt = new Date();
  }

  async #isRecorded(entry: Entry, url: string): Promise<boolean> {
    if (!entry.recorded && performance.now() - entry.recordReadAt > READ_RECORD_MS) {
      entry.recordReadAt = performance.now();
      // A store that does not answer is asked again.
      entry.recorded = await isRecorded(this.#scratch, entry.identity, url).catch(() => false);
    }
    return entry.recorded;
  }
}

const isRecent = (at: Date) => Date.now() - at.getTime() < ALIVE_MS;

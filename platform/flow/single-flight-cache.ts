import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';

/** How old a cached value may be, in ms. */
export interface Freshness {
  /** Up to this age it is the answer. */
  freshMs: number;
  /** Up to this age it is the answer while a new one is read (stale-while-revalidate, RFC 5861). @default freshMs */
  staleMs?: number;
  /** How long the read of an older value is waited for, from its beginning; then it is the answer. @default until it ends */
  patienceMs?: number;
  /** Beyond this age the read is waited for however long it takes. @default Infinity */
  oldestMs?: number;
  /** Errors of a read for which the cached value is the answer, whatever its age (stale-if-error). @default none */
  staleIf?: (error: unknown) => boolean;
}

interface Entry<V> {
  /** The newest value, and when it was read, `performance.now()` ms. */
  known: { value: V; at: number } | null;
  /** The read under way: one for all who ask meanwhile. */
  reading: Promise<V> | null;
  /** When the newest read began, `performance.now()` ms. */
  begunAt: number;
  /** A read that has not begun yet, of {@link SingleFlightCache.next}. */
  coming: Promise<V> | null;
  /** When the last one of these began, `performance.now()` ms. */
  cameAt: number;
}

interface Sizes<V> {
  most: number;
  /** At least 0, whole. */
  of: (value: V) => number;
}

/** Values that cost something to read: each is read once for all who ask at a time, and kept for a moment. */
export class SingleFlightCache<V extends {}> {
  readonly #freshMs: number;
  readonly #entries: LRUCache<string, Entry<V>>;
  readonly #isSized: boolean;

  /**
   * @param freshMs for which a value is good, unless the caller says otherwise, and between two reads of {@link next}
   * @param max keys that are kept; of those beyond it the least recently used is forgotten
   * @param keepMs after which a key is forgotten that nobody asks for
   * @param sizes bound the kept values together to `most`, as `of` measures each; the least recently used are forgotten
   */
  constructor(
    freshMs: number,
    { max = 1_000, keepMs = 120_000, sizes }: { max?: number; keepMs?: number; sizes?: Sizes<V> } = {},
  ) {
    this.#freshMs = freshMs;
    this.#isSized = sizes !== undefined;
    this.#entries = new LRUCache({
      max,
      ttl: keepMs,
      updateAgeOnGet: true,
      memoMethod: () => newEntry<V>(),
      ...(sizes && {
        maxSize: sizes.most,
        sizeCalculation: ({ known }: Entry<V>) => 1 + (known === null ? 0 : sizes.of(known.value)),
      }),
    });
  }

  /** A value as fresh as asked for, or one that is being read. An error is not kept. @throws what `read` throws */
  async get(
    key: string,
    read: () => Promise<V>,
    { freshMs, staleMs = freshMs, patienceMs = Infinity, oldestMs = Infinity, staleIf }: Freshness = {
      freshMs: this.#freshMs,
    },
  ): Promise<V> {
    const entry = this.#entries.memo(key);
    const now = performance.now();
    const ageMs = entry.known === null ? Infinity : now - entry.known.at;
    if (entry.reading === null && ageMs > freshMs) this.#begin(key, entry, read);
    const { known, reading } = entry;
    if (reading === null || (known !== null && ageMs <= staleMs)) return known!.value;
    if (known === null) return await reading;
    const answer = reading.catch((error: unknown) => {
      if (staleIf?.(error)) return known.value;
      throw error;
    });
    if (patienceMs === Infinity || ageMs > oldestMs) return await answer;
    const patience = sleep(Math.max(0, entry.begunAt + patienceMs - now), known.value);
    return await Promise.race([answer, patience]);
  }

  /**
   * A value whose read begins after this call, for those who must see what was done before it; `freshMs` later at most.
   *
   * @throws what `read` throws
   */
  next(key: string, read: () => Promise<V>): Promise<V> {
    const entry = this.#entries.memo(key);
    entry.coming ??= this.#inTurn(entry, read);
    return entry.coming;
  }

  /** Caches a value that came in another way; a read under way does not replace it. */
  set(key: string, value: V): void {
    const entry = this.#entries.memo(key);
    entry.reading = null;
    this.#keep(key, entry, value, performance.now());
  }

  /** Changes the value that is known, if any, but not its age; a read under way does not replace it. */
  update(key: string, change: (value: V) => V): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.reading = null;
    if (entry.known !== null) this.#keep(key, entry, change(entry.known.value), entry.known.at);
  }

  /** Has the next caller read anew; what a read under way brings is not kept. */
  invalidate(key: string): void {
    Object.assign(this.#entries.memo(key), { known: null, reading: null });
  }

  /** When the newest read of `get` began, `performance.now()` ms; `-Infinity` for none. */
  begunAt(key: string): number {
    return this.#entries.get(key)?.begunAt ?? -Infinity;
  }

  /** The newest value, whatever its age; null for none. */
  peek(key: string): V | null {
    return this.#entries.get(key)?.known?.value ?? null;
  }

  #keep(key: string, entry: Entry<V>, value: V, at: number): void {
    entry.known = { value, at };
    if (!this.#isSized || this.#entries.peek(key) !== entry) return;
    // A size is taken when an entry comes in.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  #begin(key: string, entry: Entry<V>, read: () => Promise<V>): void {
    const reading = read();
    Object.assign(entry, { reading, begunAt: performance.now() });
    reading.then(
      (value) => {
        if (entry.reading !== reading) return;
        entry.reading = null;
        this.#keep(key, entry, value, performance.now());
      },
      () => {
        if (entry.reading === reading) entry.reading = null;
      },
    );
  }

  async #inTurn(entry: Entry<V>, read: () => Promise<V>): Promise<V> {
    const waitMs = entry.cameAt + this.#freshMs - performance.now();
    await (waitMs > 0 ? sleep(waitMs) : Promise.resolve());
    Object.assign(entry, { coming: null, cameAt: performance.now() });
    return await read();
  }
}

const newEntry = <V>(): Entry<V> => ({
  known: null,
  reading: null,
  begunAt: -Infinity,
  coming: null,
  cameAt: -Infinity,
});

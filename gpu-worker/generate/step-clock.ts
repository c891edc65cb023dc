/**
 * What an attempt is waiting for: its device in the first three (`starting` is the text and the first step together),
 * the store in the last.
 */
export type Work = 'starting' | 'denoising' | 'decoding' | 'storing';

/** Before anything of a kind was measured (a first step on a GPU also compiles and allocates), and for the store. */
const UNKNOWN_LIMIT_MS = 600_000;
/** A step may always take that long: a busy machine is no hung device. */
const SHORTEST_LIMIT_MS = 60_000;
const MEDIANS = 10;
/** After a cancel: enough for the running step, and less than a whole deadline. */
const SHORTEST_CANCEL_MS = 10_000;
const CANCEL_MEDIANS = 3;

/**
 * Measures what an attempt does, piece by piece, and notices a piece that does not end: a hung device must neither
 * hold its job nor send heartbeats for ever.
 */
export class StepClock {
  readonly #fixedMs: number | undefined;
  readonly #onExpired: (work: Work) => void;
  readonly #times: Record<Work, number[]> = { starting: [], denoising: [], decoding: [], storing: [] };
  #work: Work | null = null;
  #since = 0;
  /** Of the running piece, ms. */
  limitMs = 0;
  #expiresAt = Infinity;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param fixedMs limit of every piece; derived from those before it where left out.
   * @param onExpired called once for a piece that outlives its limit.
   */
  constructor(fixedMs: number | undefined, onExpired: (work: Work) => void) {
    this.#fixedMs = fixedMs;
    this.#onExpired = onExpired;
  }

  /** Ends the running piece and begins one of `work`. */
  begin(work: Work): void {
    this.stop();
    this.#work = work;
    this.#since = performance.now();
    this.#limit(this.#usualLimitMs(work));
  }

  /** Ends the running piece. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#expiresAt = Infinity;
    if (this.#work) this.#times[this.#work].push(performance.now() - this.#since);
    this.#work = null;
  }

  /** After a cancel the running piece gets three times the usual, not its whole limit. */
  shortenDeadline(): void {
    if (this.#work === null) return;
    const soon = Math.max(SHORTEST_CANCEL_MS, CANCEL_MEDIANS * (median(this.#times[this.#work]) ?? 0));
    this.#limit(Math.min(soon, this.#expiresAt - performance.now()));
  }

  /** How long the running piece has outlived its limit; 0 or less within it. */
  get overdueMs(): number {
    return performance.now() - this.#expiresAt;
  }

  /** Seconds that finished pieces of the kind have taken. */
  seconds(work: Work): number {
    return this.#times[work].reduce((sum, ms) => sum + ms, 0) / 1000;
  }

  /** Seconds of work on the device. */
  get deviceSeconds(): number {
    return this.seconds('starting') + this.seconds('denoising') + this.seconds('decoding');
  }

  #usualLimitMs(work: Work): number {
    if (work === 'storing') return UNKNOWN_LIMIT_MS;
    if (this.#fixedMs !== undefined) return this.#fixedMs;
    const usual = median(this.#times[work]);
    return usual === null ? UNKNOWN_LIMIT_MS : Math.max(SHORTEST_LIMIT_MS, MEDIANS * usual);
  }

  #limit(ms: number): void {
    clearTimeout(this.#timer);
    const work = this.#work!;
    this.limitMs = ms;
    this.#expiresAt = performance.now() + ms;
    this.#timer = setTimeout(() => this.#onExpired(work), Math.max(0, ms));
  }
}

function median(times: readonly number[]): number | null {
  return times.length === 0 ? null : times.toSorted((a, b) => a - b)[times.length >> 1]!;
}

import { ApiError } from './api-error.ts';

/** The longest delay, in ms, unless the server asks for more. */
const MAX_MS = 30_000;

/** A delay before the next try. */
export interface Wait {
  ms: number;
  /** The part that the server asked for, which nothing cuts short. */
  leastMs: number;
}

/** Exponential backoff with jitter. */
export class Backoff {
  readonly #firstMs: number;
  #tries = 0;

  constructor(firstMs: number) {
    this.#firstMs = firstMs;
  }

  reset(): void {
    this.#tries = 0;
  }

  /** @param error whose `retry-after` is respected */
  next(error?: unknown): Wait {
    const max = Math.min(MAX_MS, this.#firstMs * 2 ** this.#tries++);
    const leastMs = 1000 * ((error instanceof ApiError ? error.retryAfterS : null) ?? 0);
    return { ms: Math.max(leastMs, max * (0.5 + Math.random() / 2)), leastMs };
  }
}

export const atLeast = (ms: number, wait: Wait): Wait => ({ ...wait, ms: Math.max(ms, wait.ms) });

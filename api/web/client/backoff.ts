import { ApiError } from './api-error.ts';

/** The longest wait that is chosen here, in ms; a server may ask for more. */
const MOST_MS = 30_000;

/** A wait before the next try. */
export interface Wait {
  ms: number;
  /** Part of it that nothing cuts short: the server asked for it. */
  leastMs: number;
}

/** Waits between tries: twice as long after each, and never the same for two pages of one server. */
export class Backoff {
  readonly #firstMs: number;
  #tries = 0;

  constructor(firstMs: number) {
    this.#firstMs = firstMs;
  }

  reset(): void {
    this.#tries = 0;
  }

  /** @param error may say how long the server wants to be left alone */
  next(error?: unknown): Wait {
    const most = Math.min(MOST_MS, this.#firstMs * 2 ** this.#tries++);
    const leastMs = 1000 * ((error instanceof ApiError ? error.retryAfterS : null) ?? 0);
    return { ms: Math.max(leastMs, most * (0.5 + Math.random() / 2)), leastMs };
  }
}

export const atLeast = (ms: number, wait: Wait): Wait => ({ ...wait, ms: Math.max(ms, wait.ms) });

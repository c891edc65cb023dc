import type { Response } from 'express';
import { rateLimited } from '../errors/errors.ts';

/** What clients are told to wait where all streams are taken. */
const FULL_WAIT_MS = 10_000;

/** The event streams that each account has open, at this process. */
export class OpenStreams {
  readonly #most: number;
  readonly #open = new Map<string, number>();

  /** @param most that one account may have */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Counts the response as a stream until it closes, be it an error instead; one that has closed already is not counted.
   *
   * @throws ApiError `rate_limit_exceeded`
   */
  add(accountId: string, res: Response): void {
    const open = this.#open.get(accountId) ?? 0;
    if (open >= this.#most) {
      throw rateLimited(`This account has ${open} event streams open and may have ${this.#most}.`, FULL_WAIT_MS);
    }
    if (res.destroyed) return;
    this.#open.set(accountId, open + 1);
    res.once('close', () => {
      const left = this.#open.get(accountId)! - 1;
      if (left === 0) this.#open.delete(accountId);
      else this.#open.set(accountId, left);
    });
  }
}

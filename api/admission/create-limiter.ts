import { setImmediate } from 'node:timers/promises';
import { Limit } from '../../platform/flow/limit.ts';
import { rateLimited } from '../errors/errors.ts';
import { unavailable } from '../jobs/temporal.ts';

/** Videos that are created at a time: a burst must not hold up reads meanwhile. */
const AT_ONCE = 3;
/** Of one account: another one's need not wait for any of them. */
const AT_ONCE_OF_ONE = 2;
/** Requests of one account that are handled at a time: each asks Temporal about its key before its turn comes. */
const HANDLED_OF_ONE = 4;
/** Creations of one account that may be under way or wait: what a process gets through within ten seconds. */
const MOST_OF_ONE = 256;
/** What clients beyond that are told to wait, in ms. */
const FULL_WAIT_MS = 5_000;
/** The longest that one waits for its turn, in ms: less than the minute that proxies wait for an answer. */
const WAIT_MS = 45_000;

/** Limits how many videos are created at a time; accounts take turns, so that none waits for another's burst. */
export class CreateLimiter {
  readonly #beginnings = new Limit(1);
  readonly #handled = new Limit(Infinity, HANDLED_OF_ONE);
  readonly #creations = new Limit(AT_ONCE, AT_ONCE_OF_ONE);
  /** Creations under way, by account. */
  readonly #underWay = new Map<string, number>();

  /**
   * Counts a creation from its beginning to its end, and begins it in a turn of the event loop that no other begins in.
   *
   * @throws ApiError `rate_limit_exceeded` where the account has too many under way, `service_unavailable` where its turn
   *   does not come in time, and whatever `create` throws
   */
  async admit<T>(accountId: string, create: () => Promise<T>): Promise<T> {
    const others = this.#underWay.get(accountId) ?? 0;
    if (others >= MOST_OF_ONE) {
      throw rateLimited(`This account has ${others} requests for videos under way.`, FULL_WAIT_MS);
    }
    this.#underWay.set(accountId, others + 1);
    try {
      return await this.#inTurn(this.#handled, accountId, create);
    } finally {
      const left = this.#underWay.get(accountId)! - 1;
      if (left > 0) this.#underWay.set(accountId, left);
      else this.#underWay.delete(accountId);
    }
  }

  /** @throws ApiError `service_unavailable` where its turn does not come in time, and whatever `create` throws */
  async take<T>(accountId: string, create: () => Promise<T>): Promise<T> {
    return await this.#inTurn(this.#creations, accountId, create);
  }

  async #inTurn<T>(limit: Limit, accountId: string, create: () => Promise<T>): Promise<T> {
    const late = AbortSignal.timeout(WAIT_MS);
    const begin = async () => {
      await this.#begin(accountId);
      return await create();
    };
    try {
      return await limit.run(late, begin, accountId);
    } catch (error) {
      throw error === late.reason ? unavailable('Too many videos are being started.') : error;
    }
  }

  #begin(accountId: string): Promise<unknown> {
    return this.#beginnings.run(undefined, () => setImmediate(), accountId);
  }
}

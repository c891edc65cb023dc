import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestHandler } from 'express';
import { Limit } from '../../platform/flow/limit.ts';
import { rateLimited } from '../errors/errors.ts';
import { accountOf } from './viewer.ts';

/** What clients are told to wait where an account's share is taken. */
const FULL_WAIT_MS = 1_000;

/** How much of something each account may have at a time, at this process. */
export interface Share {
  /** For the account, e.g. `lists of videos`. */
  what: string;
  atOnce: number;
  /** Beyond those, in turn. */
  waiting: number;
  /** The longest that one waits for its turn, in ms. */
  waitMs: number;
  /** For which each takes its place at least, in ms, however soon it is done: `atOnce` of them in that time. @default 0 */
  leastMs?: number;
}

/** Keeps an account that asks for much from what the others need: what is beyond its share waits, and then is refused. */
export class AccountShares {
  readonly #share: Share;
  /** Of the accounts that are at work. */
  readonly #accounts = new Map<string, { limit: Limit; asked: number }>();

  constructor(share: Share) {
    this.#share = share;
  }

  /** @throws ApiError `rate_limit_exceeded`, and whatever `work` throws */
  async run<T>(accountId: string, work: () => Promise<T>): Promise<T> {
    const { atOnce, waiting, waitMs, leastMs = 0 } = this.#share;
    const account = this.#accounts.get(accountId) ?? { limit: new Limit(atOnce), asked: 0 };
    if (account.asked >= atOnce + waiting) throw this.#full();
    this.#accounts.set(accountId, account);
    account.asked++;
    const late = account.asked > atOnce ? AbortSignal.timeout(waitMs) : undefined;
    return await new Promise<T>((resolve, reject) => {
      const held = account.limit.run(late, async () => {
        const least = sleep(leastMs, undefined, { ref: false });
        await work().then(resolve, reject);
        await least;
      });
      held
        .catch((error: unknown) => reject(late?.aborted && error === late.reason ? this.#full() : error))
        .finally(() => {
          if (--account.asked === 0) this.#accounts.delete(accountId);
        });
    });
  }

  #full() {
    const { what, atOnce } = this.#share;
    return rateLimited(`This account may have ${atOnce} ${what} at a time, and more wait already.`, FULL_WAIT_MS);
  }
}

/** Counts a request as its account's from now until it is answered. @throws ApiError `rate_limit_exceeded` */
export function untilAnswered(shares: AccountShares): RequestHandler {
  return (_req, res, next) => {
    const answered = () =>
      new Promise<void>((resolve) => {
        if (res.closed) resolve();
        else {
          res.once('close', resolve);
          next();
        }
      });
    shares.run(accountOf(res).id, answered).catch(next);
  };
}

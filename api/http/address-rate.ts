import type { Request } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { rateLimited } from '../errors/errors.ts';
import { clientNetwork } from './client-address.ts';

const WINDOW_S = 60;

/** How much of something each address may send a minute, at this process. */
export class AddressRate {
  readonly #what: string;
  readonly #limiter: RateLimiterMemory;

  /**
   * @param what for people, e.g. `wrong API keys`
   * @param most from one address, a minute
   */
  constructor(what: string, most: number) {
    this.#what = what;
    this.#limiter = new RateLimiterMemory({ points: most, duration: WINDOW_S });
  }

  /** @throws ApiError `rate_limit_exceeded`, with the time until the next one is taken */
  async count(req: Request): Promise<void> {
    await consume(this.#limiter, clientNetwork(req), `Too many ${this.#what} came from this address.`);
  }
}

/** Takes a point of `key`. @throws ApiError `rate_limit_exceeded` with this message, and the time until there is one */
export async function consume(limiter: RateLimiterMemory, key: string, message: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw rateLimited(message, refused.msBeforeNext);
  }
}

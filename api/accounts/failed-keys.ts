import type { Request } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { rateLimited } from '../errors/errors.ts';
import { clientNetwork } from '../http/client-address.ts';

const WINDOW_S = 60;

/** Wrong keys that came from each address, at this process. A right one is taken however many wrong ones came with it. */
export class FailedKeys {
  readonly #limiter: RateLimiterMemory;

  /** @param most from one address, a minute */
  constructor(most: number) {
    this.#limiter = new RateLimiterMemory({ points: most, duration: WINDOW_S });
  }

  /** @throws ApiError `rate_limit_exceeded`, with the time until the next one is checked */
  async count(req: Request): Promise<void> {
    try {
      await this.#limiter.consume(clientNetwork(req));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      throw rateLimited('Too many wrong API keys came from this address.', refused.msBeforeNext);
    }
  }
}

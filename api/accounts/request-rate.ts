import type { RequestHandler, Response } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { invalid, rateLimited } from '../errors/errors.ts';
import { consume } from '../http/address-rate.ts';
import { isEstimate, isRead } from '../http/changes-nothing.ts';
import { accountOf } from './viewer.ts';

const WINDOW_S = 60;
/** Estimates for each request that an account may send: a form asks for one with every setting that changes. */
const ESTIMATES = 10;

/**
 * Holds every account to its requests a minute. Reads do not count: a client
 * that waits for fifty videos may well poll each ten times a second. Estimates count apart. The count is this process's own.
 *
 * @throws ApiError `rate_limit_exceeded`, with the time until the next request is taken
 */
export function limitRequestRate(): RequestHandler {
  // One for each limit in use: an account whose limit is changed begins anew.
  const limiters = new Map<number, RateLimiterMemory>();
  return async (req, res, next) => {
    const { id, limits } = accountOf(res);
    const estimate = isEstimate(req);
    if (limits.requestsPerMinute === null || isRead(req)) {
      next();
      return;
    }
    const points = limits.requestsPerMinute * (estimate ? ESTIMATES : 1);
    const limiter = limiters.get(points) ?? new RateLimiterMemory({ points, duration: WINDOW_S });
    limiters.set(points, limiter);
    const key = estimate ? `estimates of ${id}` : id;
    await consume(limiter, key, `This account may send ${points} such requests a minute.`);
    if (!estimate) res.locals[MORE] = (more: number) => countMore(limiter, id, more);
    next();
  };
}

/**
 * Counts a request as so many more, as one for several videos is worth.
 *
 * @throws ApiError `rate_limit_exceeded` where the minute has no room for all of them: then none is counted; `invalid_value` where no
 *   minute has
 */
export async function countAsMore(res: Response, more: number): Promise<void> {
  await (res.locals[MORE] as ((more: number) => Promise<void>) | undefined)?.(more);
}

const MORE = 'countAsMore';

async function countMore(limiter: RateLimiterMemory, accountId: string, more: number): Promise<void> {
  if (more === 0) return;
  const { points } = limiter;
  if (more >= points)
    throw invalid('n', `n must be at most ${points}, the videos that this account may start a minute.`);
  const now = await limiter.get(accountId);
  if (now !== null && now.remainingPoints < more) {
    const message = `This account may start ${points} videos a minute, and ${more + 1} more would be too many. None was started.`;
    throw rateLimited(message, now.msBeforeNext);
  }
  await limiter.penalty(accountId, more);
}

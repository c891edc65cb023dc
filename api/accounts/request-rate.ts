import type { RequestHandler } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { rateLimited } from '../errors/errors.ts';
import { accountOf } from './viewer.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const WINDOW_S = 60;

/**
 * Holds every account to its requests a minute. Only those that change something count: a client
 * that waits for fifty videos may well poll each ten times a second. The count is this process's own.
 *
 * @throws ApiError `rate_limit_exceeded`, with the time until the next request is taken
 */
export function limitRequestRate(): RequestHandler {
  // One for each limit in use: an account whose limit is changed begins anew.
  const limiters = new Map<number, RateLimiterMemory>();
  return async (req, res, next) => {
    const { id, limits } = accountOf(res);
    const points = limits.requestsPerMinute;
    if (points === null || SAFE.has(req.method)) {
      next();
      return;
    }
    const limiter = limiters.get(points) ?? new RateLimiterMemory({ points, duration: WINDOW_S });
    limiters.set(points, limiter);
    try {
      await limiter.consume(id);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const waitMs = refused.msBeforeNext;
      throw rateLimited(`This account may send ${points} such requests a minute.`, waitMs);
    }
    next();
  };
}

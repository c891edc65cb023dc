import type { RequestHandler } from 'express';
import { ApiError } from '../errors/errors.ts';

/** Answers every method that the routes before it did not take: `OPTIONS` with what they take, the others with 405. */
export function methodNotAllowed(...methods: string[]): RequestHandler {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (req, res) => {
    if (req.method !== 'OPTIONS') throw new ApiError('method_not_allowed', { headers: { allow } });
    res.setHeader('allow', allow);
    res.status(204).end();
  };
}

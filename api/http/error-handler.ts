import { setImmediate } from 'node:timers/promises';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from '../../platform/log/logger.ts';
import { ApiError, toApiError } from '../errors/errors.ts';
import { leftover } from './body/leftover.ts';

const KEPT = new Set([
  'x-request-id',
  'x-content-type-options',
  'connection',
  'vary',
  'access-control-allow-origin',
  'access-control-allow-credentials',
]);

/** Turns whatever a handler threw into the envelope. What the table does not know is logged and not told. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  // Express tells an error handler by its four parameters.
  // oxlint-disable-next-line no-unused-vars
  return async (error: unknown, req, res, _next) => {
    const answer = toApiError(error);
    // For the audit trail.
    res.locals['errorCode'] = answer.code;
    if (answer.status >= 500) {
      log[answer.code === 'internal_error' ? 'error' : 'warn'](
        { requestId: res.getHeader('x-request-id'), err: answer.cause ?? answer },
        'Request failed',
      );
    }
    if (res.headersSent) {
      // In the middle of a file: a broken connection is the only way left to say that it is not whole.
      res.destroy();
      return;
    }
    // What was said of a file is not true of its error.
    for (const name of res.getHeaderNames()) if (!KEPT.has(name)) res.removeHeader(name);
    res.status(answer.status).set(answer.headers);
    // A small body has come with its head, and is only yet to be parsed.
    if (!req.complete) await setImmediate();
    if (req.complete || req.destroyed) {
      res.json(answer.body);
      return;
    }
    // Before the rest of the body is read, which is for nothing.
    const body = Buffer.from(JSON.stringify(answer.body));
    res.set({ 'content-type': 'application/json; charset=utf-8', 'content-length': String(body.length) });
    res.setHeader('connection', 'close');
    if (req.method === 'HEAD') res.flushHeaders();
    else res.write(body);
    await leftover(req);
    res.end();
  };
}

/** Answers every method that the routes before it did not take: `OPTIONS` with what they take, the others with 405. */
export function methodNotAllowed(...methods: string[]): RequestHandler {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (req, res) => {
    if (req.method !== 'OPTIONS') throw new ApiError('method_not_allowed', { headers: { allow } });
    res.setHeader('allow', allow);
    res.status(204).end();
  };
}

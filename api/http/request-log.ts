import type { RequestHandler } from 'express';
import type { Logger } from '../../temporal/logger.ts';

/** One line for each request, without bodies and queries. Polls, ten a second for one job, only at `debug`. */
export function requestLog(log: Logger): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    const { method, path } = req;
    res.once('close', () => {
      const quiet = (method === 'GET' || method === 'HEAD') && res.statusCode < 400;
      log[quiet ? 'debug' : 'info'](
        {
          requestId: res.getHeader('x-request-id'),
          method,
          path,
          status: res.statusCode,
          ms: Math.round(performance.now() - startedAt),
          ...(!res.writableFinished && { aborted: true }),
        },
        'Request',
      );
    });
    next();
  };
}

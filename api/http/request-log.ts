import type { RequestHandler } from 'express';
import type { Logger } from '../../platform/log/logger.ts';
import { LineBudget } from './line-budget.ts';

/** Longer addresses are cut. */
const PATH_CHARS = 200;

/**
 * One line for each request, without bodies and queries. Polls, ten a second for one job, only at `debug`; of what is refused,
 * which any client can cause, a few lines of each status a minute.
 */
export function requestLog(log: Logger): RequestHandler {
  const refusals = new LineBudget<number>();
  return (req, res, next) => {
    const startedAt = performance.now();
    const { method, path } = req;
    res.once('close', () => {
      const status = res.statusCode;
      const quiet = (method === 'GET' || method === 'HEAD') && status < 400;
      const skipped = status >= 400 && status < 500 ? refusals.take(status) : 0;
      if (skipped === null) return;
      log[quiet ? 'debug' : 'info'](
        {
          requestId: res.getHeader('x-request-id'),
          method,
          path: path.length > PATH_CHARS ? `${path.slice(0, PATH_CHARS)}…` : path,
          status,
          ms: Math.round(performance.now() - startedAt),
          ...(!res.writableFinished && { aborted: true }),
          ...(skipped > 0 && { alsoRefused: skipped }),
        },
        'Request',
      );
    });
    next();
  };
}

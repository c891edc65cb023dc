import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from '../../platform/log/logger.ts';

/** Lines of one kind in a minute. */
const LINES = 20;
const MINUTE_MS = 60_000;

/**
 * Keeps a kind of line that strangers can cause from filling the disk: so many a minute are written, the others counted.
 */
class LineBudget<K> {
  readonly #kinds = new Map<K, { until: number; left: number; skipped: number }>();

  /** @returns null where the line is not to be written; else how many of its kind were not, before it */
  take(kind: K, now = performance.now()): number | null {
    let budget = this.#kinds.get(kind);
    const skipped = budget?.skipped ?? 0;
    if (budget === undefined || now >= budget.until) {
      this.#kinds.set(kind, (budget = { until: now + MINUTE_MS, left: LINES, skipped: 0 }));
    } else if (budget.left === 0) {
      budget.skipped++;
      return null;
    }
    budget.left--;
    return budget.left === LINES - 1 ? skipped : 0;
  }
}

const SANE = /^[A-Za-z0-9_-]{1,128}$/;

/** A new request id. */
export const newRequestId = (): string => `req_${randomUUID().replaceAll('-', '')}`;

/** Gives every response an `x-request-id`: the client's own where it is sane, else a new one. */
export const requestId: RequestHandler = (req, res, next) => {
  const given = req.get('x-request-id');
  res.setHeader('x-request-id', given !== undefined && SANE.test(given) ? given : newRequestId());
  next();
};

/** Longer addresses are cut. */
const PATH_CHARS = 200;

/** Who has the link of a shared video can watch it: so it is not written down. */
function shown(path: string): string {
  const known = path.replace(/^(\/+share\/+)[^/]+/i, '$1…');
  return known.length > PATH_CHARS ? `${known.slice(0, PATH_CHARS)}…` : known;
}

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
          path: shown(path),
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

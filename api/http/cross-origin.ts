import type { RequestHandler } from 'express';

/** How long a browser remembers that it may ask, in seconds. */
const REMEMBERED_S = 600;

/**
 * Lets the pages of one other origin call what comes after it, and answers their preflights. Without an origin no page
 * may.
 *
 * @param url of a page there; on this machine `localhost` and `127.0.0.1` are the same
 */
export function allowPagesOf(url: string | undefined): RequestHandler {
  const allowed = url === undefined ? [] : spellings(new URL(url));
  return (req, res, next) => {
    const origin = req.get('origin');
    res.vary('origin');
    if (origin !== undefined && allowed.includes(origin)) {
      res.set({ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' });
      if (req.method === 'OPTIONS' && req.get('access-control-request-method') !== undefined) {
        const headers = req.get('access-control-request-headers');
        res.set({
          'access-control-allow-methods': 'POST',
          ...(headers !== undefined && { 'access-control-allow-headers': headers }),
          'access-control-max-age': String(REMEMBERED_S),
        });
      }
    }
    next();
  };
}

function spellings({ protocol, hostname, host, origin }: URL): string[] {
  const port = host.slice(hostname.length);
  return ['localhost', '127.0.0.1'].includes(hostname)
    ? [`${protocol}//localhost${port}`, `${protocol}//127.0.0.1${port}`]
    : [origin];
}

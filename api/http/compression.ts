import compression from 'compression';
import type { RequestHandler } from 'express';

/** Smaller answers, such as one Video object, would cost more time than they save. */
const THRESHOLD = 4096;
/** Never streams of events, videos, pictures. */
const TYPES = /^(application\/json|text\/(html|javascript|plain))\b/;

/**
 * Sends large texts in the coding that the client takes, Brotli or gzip. Only for routes that take their key from a header:
 * where a browser adds credentials by itself, the length of an answer could tell another page what it holds.
 */
export const compressed = (): RequestHandler =>
  compression({
    threshold: THRESHOLD,
    filter: (req, res) => {
      const isText = TYPES.test(String(res.getHeader('content-type') ?? '')) && !res.hasHeader('content-range');
      // The length of what GET would get is not known.
      if (isText && req.method === 'HEAD' && Number(res.getHeader('content-length')) >= THRESHOLD) {
        res.removeHeader('content-length');
      }
      return isText;
    },
  });

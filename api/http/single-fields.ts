import type { RequestHandler } from 'express';
import { invalid } from '../errors/errors.ts';

/** Fields that a request has once or not at all. Of two, Node takes the first or joins them, another server the second. */
const SINGLE = {
  host: 'Host',
  authorization: 'Authorization',
  'content-type': 'Content-Type',
  'content-length': 'Content-Length',
  'idempotency-key': 'Idempotency-Key',
  'if-modified-since': 'If-Modified-Since',
  'if-unmodified-since': 'If-Unmodified-Since',
  'if-range': 'If-Range',
  range: 'Range',
  origin: 'Origin',
  'last-event-id': 'Last-Event-ID',
};

/**
 * Refuses what can be read in two ways (RFC 9110 §5.3).
 *
 * @throws ApiError `invalid_value` with the field's name
 */
export const singleFields: RequestHandler = (req, _res, next) => {
  for (const [field, name] of Object.entries(SINGLE)) {
    if ((req.headersDistinct[field]?.length ?? 0) > 1)
      throw invalid(name, `${name} is given more than once; give it once.`);
  }
  next();
};

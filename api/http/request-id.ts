import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

const SANE = /^[A-Za-z0-9_-]{1,128}$/;

/** A new request id. */
export const newRequestId = (): string => `req_${randomUUID().replaceAll('-', '')}`;

/** Gives every response an `x-request-id`: the client's own where it is sane, else a new one. */
export const requestId: RequestHandler = (req, res, next) => {
  const given = req.get('x-request-id');
  res.setHeader('x-request-id', given !== undefined && SANE.test(given) ? given : newRequestId());
  next();
};

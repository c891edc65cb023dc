import type { Request } from 'express';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Posted, since what it asks about is as long as a video's fields. */
const ESTIMATE = /^\/v1\/videos\/estimate\/?$/i;

/** Whether a request asks for an estimate, and so starts nothing. */
export const isEstimate = ({ method, originalUrl }: Request): boolean =>
  method === 'POST' && ESTIMATE.test(originalUrl.split('?')[0]!);

/** Whether a request only reads: it leaves no line in the audit trail. */
export const changesNothing = (req: Request): boolean => SAFE.has(req.method) || isEstimate(req);

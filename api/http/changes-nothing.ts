import type { Request } from 'express';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Posted, since what they ask about is as long as a video's fields. */
const ESTIMATE = /^\/v1\/videos\/(estimate|tokens)\/?$/i;
/** Posted, since a file is sent. */
const SETTINGS = /^\/v1\/videos\/settings\/?$/i;

const isPostTo = ({ method, originalUrl }: Request, path: RegExp) =>
  method === 'POST' && path.test(originalUrl.split('?')[0]!);

/** Whether a request is a mere read. */
export const isRead = ({ method }: Request): boolean => SAFE.has(method);

/** Whether a request asks for an estimate or for tokens, and so starts nothing. */
export const isEstimate = (req: Request): boolean => isPostTo(req, ESTIMATE);

/** Whether a request only reads: it leaves no line in the audit trail. */
export const changesNothing = (req: Request): boolean => isRead(req) || isEstimate(req) || isPostTo(req, SETTINGS);

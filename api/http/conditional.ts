import type { RequestHandler } from 'express';
import { ApiError } from '../errors/errors.ts';
import type { ByteRange } from '../../storage/object-store.ts';

/** What a file is known by: a strong, quoted entity tag, and `Last-Modified` as an HTTP date; null where it has none. */
export interface Validators {
  etag: string;
  lastModified: string | null;
}

interface Conditions {
  'if-match'?: string | undefined;
  'if-unmodified-since'?: string | undefined;
  'if-none-match'?: string | undefined;
  'if-modified-since'?: string | undefined;
}

/**
 * @throws ApiError `precondition_failed` where the request is meant for another state of the file (RFC 9110 §13.1.1,
 *   §13.1.4)
 */
export function assertUnchanged(headers: Conditions, { etag, lastModified }: Validators): void {
  const tags = headers['if-match'];
  // The date counts only where there are no tags.
  const holds =
    tags !== undefined
      ? tags.trim() === '*' || tagsIn(tags).includes(etag)
      : !isLater(lastModified, httpDate(headers['if-unmodified-since']));
  if (!holds) throw new ApiError('precondition_failed');
}

/** True where the client's copy is still right, so that 304 is the answer (RFC 9110 §13.1.2, §13.1.3). */
export function isFresh(headers: Conditions, { etag, lastModified }: Validators): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) return tags.trim() === '*' || tagsIn(tags).some((tag) => opaque(tag) === opaque(etag));
  const since = httpDate(headers['if-modified-since']);
  return since !== null && lastModified !== null && !isLater(lastModified, since);
}

/** True where a `Range` is to be honoured: no `If-Range`, or one that names exactly this file (RFC 9110 §13.1.5). */
export function rangeApplies(ifRange: string | undefined, { etag, lastModified }: Validators): boolean {
  return ifRange === undefined || ifRange.trim() === etag || ifRange.trim() === lastModified;
}

/**
 * For what changes something that has no entity tag: none that a client names can be its own.
 *
 * @throws ApiError `precondition_failed`
 */
export const noConditions: RequestHandler = (req, _res, next) => {
  const [match, noneMatch] = [req.get('if-match'), req.get('if-none-match')];
  if ((match !== undefined && match.trim() !== '*') || noneMatch?.trim() === '*') {
    throw new ApiError('precondition_failed');
  }
  next();
};

const tagsIn = (list: string): string[] => list.match(/(?:W\/)?"[^"]*"/g) ?? [];
const opaque = (tag: string) => tag.replace(/^W\//, '');

const isLater = (date: string | null, than: number | null): boolean =>
  date !== null && than !== null && Date.parse(date) > than;

const DATES = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/** One of the three forms that a date may have (RFC 9110 §5.6.7), in ms since 1970; null for anything else, which is ignored. */
function httpDate(text: string | undefined): number | null {
  if (text === undefined || !DATES.some((form) => form.test(text))) return null;
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : at;
}

/**
 * The one byte range that a `Range` header asks for (RFC 9110 §14.2).
 *
 * @returns `null` where the whole file is the answer: no header, one that is malformed, another unit, several ranges.
 *   `'unsatisfiable'` where the range lies outside a file of `size` bytes.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | null | 'unsatisfiable' {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '');
  if (!match) return null;
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return null;
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Number(last);
  if (last !== '' && end < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(end, size - 1) };
}

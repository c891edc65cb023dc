/** What a file is known by: a strong, quoted entity tag, and `Last-Modified` as an HTTP date. */
export interface Validators {
  etag: string;
  lastModified: string;
}

/** True where the client's copy is still right, so that 304 is the answer (RFC 9110 §13.1.2, §13.1.3). */
export function isFresh(
  headers: { 'if-none-match'?: string; 'if-modified-since'?: string },
  { etag, lastModified }: Validators,
): boolean {
  const tags = headers['if-none-match'];
  // The date counts only where there are no tags.
  if (tags !== undefined) return tags.trim() === '*' || tags.split(',').some((tag) => opaque(tag) === opaque(etag));
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && Date.parse(lastModified) <= since;
}

/** True where a `Range` is to be honoured: no `If-Range`, or one that names exactly this file (RFC 9110 §13.1.5). */
export function rangeApplies(ifRange: string | undefined, { etag, lastModified }: Validators): boolean {
  return ifRange === undefined || ifRange.trim() === etag || ifRange.trim() === lastModified;
}

const opaque = (tag: string) => tag.trim().replace(/^W\//, '');

import type { ByteRange } from '../../storage/object-store.ts';

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

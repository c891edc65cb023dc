import { describe, expect, it } from 'vitest';
import { assertUnchanged, isFresh, rangeApplies, parseRange } from '../../../api/http/conditional.ts';

describe('seeking in a video', () => {
  it.each([
    ['bytes=0-', { start: 0, end: 99 }],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=10-19', { start: 10, end: 19 }],
    ['bytes=90-1000', { start: 90, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    // Malformed, another unit, several: the whole file.
    ['bytes=20-10', null],
    ['bytes=-', null],
    ['bytes=a-b', null],
    ['bytes 0-10', null],
    ['items=0-1', null],
    ['bytes=0-1,5-6', null],
    [undefined, null],
  ])('by %j of 100 bytes gets %j', (header, range) => {
    expect(parseRange(header, 100)).toEqual(range);
  });

  it('goes on only in the same file, and a copy that is still right is not sent again', () => {
    const file = { etag: '"abc"', lastModified: 'Sat, 21 Nov 2026 00:00:00 GMT' };
    expect(rangeApplies(undefined, file)).toBe(true);
    expect(rangeApplies('"abc"', file)).toBe(true);
    expect(rangeApplies(file.lastModified, file)).toBe(true);
    expect(rangeApplies('W/"abc"', file)).toBe(false);
    expect(rangeApplies('"other"', file)).toBe(false);
    expect(isFresh({ 'if-none-match': '"x", W/"abc"' }, file)).toBe(true);
    expect(isFresh({ 'if-none-match': '*' }, file)).toBe(true);
    expect(isFresh({ 'if-none-match': '"x"', 'if-modified-since': file.lastModified }, file)).toBe(false);
    expect(isFresh({ 'if-modified-since': file.lastModified }, file)).toBe(true);
    expect(isFresh({}, file)).toBe(false);
  });

  it('is refused where the file is not the one that was meant; what is no date of HTTP counts for nothing', () => {
    const file = { etag: '"abc"', lastModified: 'Sat, 21 Nov 2026 00:00:00 GMT' };
    const [before, after] = ['Fri, 20 Nov 2026 23:59:59 GMT', 'Sunday, 22-Nov-26 00:00:00 GMT'];
    const holds = (headers: Parameters<typeof assertUnchanged>[0]) => {
      try {
        assertUnchanged(headers, file);
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'precondition_failed', status: 412 });
        return false;
      }
    };
    expect(holds({})).toBe(true);
    expect(holds({ 'if-match': '"x", "abc"' })).toBe(true);
    expect(holds({ 'if-match': '*' })).toBe(true);
    expect(holds({ 'if-match': 'W/"abc"' })).toBe(false);
    expect(holds({ 'if-match': '"x"' })).toBe(false);
    expect(holds({ 'if-match': 'abc' })).toBe(false);
    expect(holds({ 'if-unmodified-since': before })).toBe(false);
    expect(holds({ 'if-unmodified-since': 'Fri Nov 20 23:59:59 2026' })).toBe(false);
    expect(holds({ 'if-unmodified-since': file.lastModified })).toBe(true);
    expect(holds({ 'if-unmodified-since': after })).toBe(true);
    expect(holds({ 'if-match': '"abc"', 'if-unmodified-since': before })).toBe(true);
    expect(holds({ 'if-unmodified-since': '2001' })).toBe(true);
    expect(isFresh({ 'if-modified-since': '2027' }, file)).toBe(false);
    expect(isFresh({ 'if-modified-since': after }, file)).toBe(true);
    expect(isFresh({ 'if-modified-since': before }, file)).toBe(false);
  });
});

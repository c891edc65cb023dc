import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SingleFlightCache } from '../../../platform/flow/single-flight-cache.ts';

const FRESH_MS = 500;

let now: number;
/** Reads under way; each is ended by the test. */
let reads: { resolve: (value: number) => void; reject: (error: Error) => void }[];
let cache: SingleFlightCache<number>;

const read = () => new Promise<number>((resolve, reject) => void reads.push({ resolve, reject }));
const settled = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  now = 1_000;
  reads = [];
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  cache = new SingleFlightCache(FRESH_MS);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Caches a value as a finished read does. */
async function know(value: number): Promise<void> {
  const known = cache.get('video', read);
  reads.shift()!.resolve(value);
  expect(await known).toBe(value);
}

it('many callers at a time cost one read, and for a while after it none', async () => {
  const all = Promise.all(Array.from({ length: 20 }, () => cache.get('video', read)));
  expect(reads).toHaveLength(1);
  reads[0]!.resolve(1);
  expect(new Set(await all)).toEqual(new Set([1]));
  now += FRESH_MS;
  expect(await cache.get('video', read)).toBe(1);
  now += 1;
  const newer = cache.get('video', read);
  expect(reads).toHaveLength(2);
  reads[1]!.resolve(2);
  expect(await newer).toBe(2);
});

it('a caller that is content with a stale value gets it at once while a new one is read', async () => {
  await know(1);
  now += FRESH_MS + 100;
  const stale = { freshMs: FRESH_MS, staleMs: FRESH_MS + 500 };
  expect(await cache.get('video', read, stale)).toBe(1);
  expect(await cache.get('video', read, stale)).toBe(1);
  expect(reads).toHaveLength(1);
  reads[0]!.resolve(2);
  await settled();
  expect(await cache.get('video', read, stale)).toBe(2);
});

it('a caller without patience gets the value of before, however long the read takes, until that is too old', async () => {
  await know(1);
  now += 5_000;
  const impatient = { freshMs: FRESH_MS, patienceMs: 0, oldestMs: 10_000 };
  expect(await cache.get('video', read, impatient)).toBe(1);
  now += 6_000;
  const waits = cache.get('video', read, impatient);
  expect(reads).toHaveLength(1);
  reads[0]!.resolve(2);
  expect(await waits).toBe(2);
});

it('a read that fails is made again by the next caller, and an outage is answered with the value of before', async () => {
  const failed = cache.get('video', read);
  reads.shift()!.reject(new Error('down'));
  await expect(failed).rejects.toThrow('down');
  await know(1);
  now += 60_000;
  const tolerant = { freshMs: FRESH_MS, staleIf: (error: unknown) => (error as Error).message === 'down' };
  const answer = cache.get('video', read, tolerant);
  reads.shift()!.reject(new Error('down'));
  expect(await answer).toBe(1);
  const other = cache.get('video', read, tolerant);
  reads.shift()!.reject(new Error('gone'));
  await expect(other).rejects.toThrow('gone');
});

it('what is set or invalidated is not undone by a read that was under way', async () => {
  const before = cache.get('video', read);
  cache.set('video', 7);
  reads.shift()!.resolve(1);
  expect(await before).toBe(1);
  expect(await cache.get('video', read)).toBe(7);
  cache.invalidate('video');
  const late = cache.get('video', read);
  cache.invalidate('video');
  reads.shift()!.resolve(2);
  await late;
  const newest = cache.get('video', read);
  reads.shift()!.resolve(3);
  expect(await newest).toBe(3);
});

it('a caller that must see what was done before gets a read that begins after its call, shared with the others that wait', async () => {
  await know(1);
  const all = Promise.all([cache.next('video', read), cache.next('video', read)]);
  await settled();
  expect(reads).toHaveLength(1);
  reads[0]!.resolve(2);
  expect(await all).toEqual([2, 2]);
});

it('a change of what is known counts at once, does not make it any fresher, and is not undone by a read under way', async () => {
  await know(1);
  now += FRESH_MS - 1;
  cache.update('video', (value) => value + 10);
  expect(await cache.get('video', read)).toBe(11);
  now += 2;
  const before = cache.get('video', read);
  cache.update('video', (value) => value + 10);
  reads.shift()!.resolve(2);
  expect(await before).toBe(2);
  const newer = cache.get('video', read);
  expect(cache.peek('video')).toBe(21);
  reads.shift()!.resolve(3);
  expect(await newer).toBe(3);
  cache.update('another', () => 4);
  expect(cache.peek('another')).toBeNull();
});

it('values are bounded by their sizes together, as they were when they last changed', async () => {
  cache = new SingleFlightCache(FRESH_MS, { sizes: { most: 10, of: (value) => value } });
  for (const key of ['a', 'b', 'c']) cache.set(key, 2);
  expect(['a', 'b', 'c'].map((key) => cache.peek(key))).toEqual([2, 2, 2]);
  cache.update('c', () => 6);
  expect(['a', 'b', 'c'].map((key) => cache.peek(key))).toEqual([null, 2, 6]);
  // One that is too large alone is read anew each time.
  cache.set('d', 11);
  expect(cache.peek('d')).toBeNull();
});

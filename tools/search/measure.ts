import type { VideoList } from '../../api/jobs/video-schema.ts';

/** Searches of one kind, each for other words: none is answered from memory. */
export type Searches = Record<string, { q: string; order?: 'asc' | 'desc' }[]>;

/** Of the answers to the searches of one kind, in ms. */
export interface SearchTimes {
  p50: number;
  p95: number;
  max: number;
}

export interface SearchReport {
  times: Record<string, SearchTimes>;
  /** Searches that were answered otherwise than by looking at each prompt. */
  wrong: string[];
}

const LIMIT = 20;

/** What people look for, some of each kind, among such prompts. @param words of the prompts, the most common first */
export function searchesAmong(words: readonly string[], each: number): Searches {
  const some = (make: (i: number) => string, order?: 'asc') =>
    Array.from({ length: each }, (_, i) => ({ q: make(i), ...(order && { order }) }));
  const common = (i: number) => words[i % 30]!;
  const rare = (i: number) => words.at(-1 - 7 * i)!;
  return {
    'a common word': some(common),
    'a common word, oldest first': some(common, 'asc'),
    'a letter': some((i) => String.fromCodePoint(97 + (i % 26))),
    'three letters of a word': some((i) => words[60 + i]!.slice(0, 3)),
    'a rare word': some(rare),
    'a common and a rare word': some((i) => `${common(i)} ${rare(i)}`),
    'three common words': some((i) => `${common(i)} ${common(i + 7)} ${common(i + 13)}`),
    'a word of no prompt': some((i) => `jwhq${i}`),
  };
}

/**
 * Asks for the first page of each search and, where there is more, for the second, one after the other, and compares both with
 * the prompts. A plain list is asked for in between, to compare with.
 *
 * @param prompts of all videos, the oldest first, words between single spaces
 */
export async function measureSearches(
  url: string,
  prompts: readonly string[],
  searches: Searches,
): Promise<SearchReport> {
  const taken: Record<string, number[]> = {};
  const wrong: string[] = [];
  const ask = async (kind: string, query: Record<string, string>): Promise<VideoList> => {
    const startedAt = performance.now();
    const response = await fetch(`${url}/v1/videos?${new URLSearchParams(query).toString()}`);
    const text = await response.text();
    (taken[kind] ??= []).push(performance.now() - startedAt);
    if (!response.ok) throw new Error(`${JSON.stringify(query)}: HTTP ${response.status} ${text}`);
    return JSON.parse(text) as VideoList;
  };
  const newestFirst = prompts.toReversed();
  for (const [kind, queries] of Object.entries(searches)) {
    for (const { q, order = 'desc' } of queries) {
      const wanted = (order === 'desc' ? newestFirst : prompts).filter((prompt) => has(prompt, q));
      const page = await ask(kind, { q, order, limit: String(LIMIT) });
      const shown = page.data.map(({ prompt }) => prompt);
      if (page.has_more) {
        const next = await ask(`${kind}: the second page`, { q, order, limit: String(LIMIT), after: page.last_id! });
        shown.push(...next.data.map(({ prompt }) => prompt));
      }
      if (JSON.stringify(shown) !== JSON.stringify(wanted.slice(0, 2 * LIMIT))) wrong.push(`${kind}: ${q}`);
      await ask('no search', { limit: String(LIMIT) });
    }
  }
  return { times: Object.fromEntries(Object.entries(taken).map(([kind, ms]) => [kind, timesOf(ms)])), wrong };
}

const has = (prompt: string, q: string) => q.split(' ').every((word) => ` ${prompt}`.includes(` ${word}`));

function timesOf(values: readonly number[]): SearchTimes {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1]!);
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

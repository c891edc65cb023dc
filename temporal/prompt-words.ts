/** Words of prompts, as videos are found by them. */

/** Scripts that write words without a space between them, with the marks that they share. */
const SPACELESS = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((name) => `\\p{scx=${name}}`)
  .join('');
const RUNS = new RegExp(`[${SPACELESS}]+|[^${SPACELESS}]+`, 'gu');
const IS_SPACELESS = new RegExp(`^[${SPACELESS}]`, 'u');
/** One locale, so that all processes divide alike. */
const SEGMENTER = new Intl.Segmenter('en', { granularity: 'word' });

/** Marks that change a letter, not vowel signs; and apostrophes, which people leave out. */
const ACCENTS = /(?=\p{M})\p{Diacritic}|['’ʼ]/gu;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/** Temporal refuses a search attribute of more than 2 KiB. */
const INDEX_BYTES = 1_900;
/** Of an entry where it is encrypted, in JSON: as many words fit, encrypted or not. */
const LEAST_ENTRY_BYTES = 7;
/** Quotation marks and comma. */
const PUNCTUATION_BYTES = 3;
/** Characters of a word's beginnings that are indexed. */
const LENGTHS = [1, 2, 3, 5];
/** Words that a list asks Temporal for; the others are compared alone. */
const MOST_ASKED = 8;

/**
 * The different words of a text in order, without case, accents and apostrophes: `Don’t` is `dont`, `Crème` is `creme`. They hold
 * letters, digits and vowel signs alone.
 */
export function wordsOf(text: string): string[] {
  const words = new Set<string>();
  for (const [run] of text.normalize('NFC').matchAll(RUNS)) {
    const parts = IS_SPACELESS.test(run) ? Array.from(SEGMENTER.segment(run), ({ segment }) => segment) : [run];
    for (const part of parts) for (const [word] of folded(part).matchAll(WORD)) words.add(word);
  }
  return [...words];
}

/** By way of capitals: `ß` is `ss`, and there is one small sigma. */
const folded = (text: string): string =>
  text.normalize('NFKD').replace(ACCENTS, '').toUpperCase().toLowerCase().replaceAll('ς', 'σ');

/** What a video is found by. */
export interface PromptIndex {
  /** Of the prompt, in order, for as long as their beginnings fit into one search attribute: some hundred. */
  words: string[];
  /** Their first 1, 2, 3 and 5 characters, each once. */
  beginnings: string[];
}

export function indexOf(prompt: string): PromptIndex {
  const words: string[] = [];
  const beginnings = new Set<string>();
  let bytes = 0;
  for (const word of wordsOf(prompt)) {
    const fresh = beginningsOf(word).filter((beginning) => !beginnings.has(beginning));
    for (const beginning of fresh) bytes += bytesOf(beginning);
    if (bytes > INDEX_BYTES) break;
    words.push(word);
    for (const beginning of fresh) beginnings.add(beginning);
  }
  return { words, beginnings: [...beginnings] };
}

const bytesOf = (beginning: string) => Math.max(LEAST_ENTRY_BYTES, Buffer.byteLength(beginning) + PUNCTUATION_BYTES);

/** Each once, from the shortest to the longest; a short word has few. */
function beginningsOf(word: string): string[] {
  // Most need not be taken apart into characters.
  const characters = SURROGATE.test(word) ? Array.from(word) : null;
  const { length: most } = characters ?? word;
  const beginning = (length: number) => characters?.slice(0, length).join('') ?? word.slice(0, length);
  return LENGTHS.filter((length) => length <= most).map(beginning);
}

const SURROGATE = /[\ud800-\udfff]/;

/** Beginnings that a prompt's index has where all these words are found in it; at most 8, of the longest words. */
export function beginningsAsked(words: readonly string[]): string[] {
  const longest = words.toSorted((a, b) => b.length - a.length);
  return [...new Set(longest.map((word) => beginningsOf(word).at(-1)!))].slice(0, MOST_ASKED);
}

/** Whether each of the words begins one that is indexed of the prompt. */
export function isFoundIn(prompt: string, words: readonly string[] = []): boolean {
  if (words.length === 0) return true;
  const indexed = indexOf(prompt).words;
  return words.every((word) => indexed.some((other) => other.startsWith(word)));
}

/** The most characters of a tag. */
export const TAG_CHARS = 32;
/** The most tags of a video. */
export const MOST_TAGS = 20;

/** Commas separate tags; halves of characters cannot be kept. */
const REFUSED = /[,\p{Cc}\p{Cs}]/u;

/**
 * A tag as it is kept: trimmed, white space collapsed, characters composed (NFC).
 *
 * @returns null for what can be none
 */
export function tagOf(given: string): string | null {
  const tag = given.replace(/\s+/g, ' ').trim().normalize('NFC');
  const { length } = Array.from(tag);
  return length >= 1 && length <= TAG_CHARS && !REFUSED.test(tag) ? tag : null;
}

/** What tags that differ only by case have in common. */
export const foldedTag = (tag: string): string => tag.toLowerCase();

const collator = new Intl.Collator('en');
/** Alphabetical; for sorting. */
export const byAlphabet = (one: string, other: string): number =>
  collator.compare(one, other) || (one < other ? -1 : one > other ? 1 : 0);

/** Each tag once, whatever its case, as it came first; in alphabetical order. */
export function distinctTags(tags: Iterable<string>): string[] {
  const distinct = new Map<string, string>();
  for (const tag of tags) if (!distinct.has(foldedTag(tag))) distinct.set(foldedTag(tag), tag);
  return [...distinct.values()].toSorted(byAlphabet);
}

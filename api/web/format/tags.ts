/** The API's limits: of a tag's length in characters, and of a video's tags. */
const LONGEST = 32;
const MOST = 20;

/** Tags, separated by commas. @returns a problem where the server would refuse one */
export function readTags(text: string): { tags: string[]; problem?: string } {
  const tags = text
    .split(',')
    .map((tag) => tag.replace(/\s+/g, ' ').trim())
    .filter((tag) => tag !== '');
  const long = tags.find((tag) => Array.from(tag).length > LONGEST);
  return long === undefined ? { tags } : { tags, problem: `A tag has at most ${LONGEST} characters.` };
}

/** With these added, each once, whatever its case, and without the others; as many as the API takes. */
export const changedTags = (tags: string[], added: string[], removed: string[]): string[] =>
  [...tags.filter((tag) => !isIn(removed, tag)), ...added.filter((tag) => !isIn(tags, tag))].slice(0, MOST);

export const isIn = (tags: string[], wanted: string): boolean => tags.some((tag) => sameTag(tag, wanted));

/** Tags that differ by case alone are one. */
export const sameTag = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

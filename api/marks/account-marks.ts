import { byAlphabet, distinctTags, foldedTag, tagOf } from './tags.ts';

/** What users mark a video with. */
export interface VideoMarks {
  starred: boolean;
  /** Each once, whatever its case; in alphabetical order. */
  tags: string[];
}

export const NO_MARKS: VideoMarks = { starred: false, tags: [] };

/** The marks of all marked videos of an account, as they were read. */
export interface AccountMarks {
  /** By id; videos without any are not among them. */
  videos: ReadonlyMap<string, VideoMarks>;
  /** How many stars and tags they are. */
  count: number;
  /** What reading them took, in ms. */
  tookMs: number;
}

const STAR = 'star';
const TAG = 'tag.';

/** The names of a video's marks in the store. */
export const namesOf = ({ starred, tags }: VideoMarks): string[] => [
  ...(starred ? [STAR] : []),
  ...tags.map((tag) => TAG + Buffer.from(tag).toString('base64url')),
];

/** Reads these names; ignores what is none of them. */
export function marksOf(names: Iterable<string>): VideoMarks {
  let starred = false;
  const tags: string[] = [];
  for (const name of names) {
    if (name === STAR) starred = true;
    else {
      const tag = taggedWith(name);
      if (tag !== null) tags.push(tag);
    }
  }
  return { starred, tags: distinctTags(tags) };
}

function taggedWith(name: string): string | null {
  if (!name.startsWith(TAG)) return null;
  const tag = Buffer.from(name.slice(TAG.length), 'base64url').toString();
  return tagOf(tag) === tag ? tag : null;
}

export const countOf = ({ starred, tags }: VideoMarks): number => Number(starred) + tags.length;

/** The same with other marks of one video. */
export function withMarks(marks: AccountMarks, videoId: string, now: VideoMarks): AccountMarks {
  const videos = new Map(marks.videos);
  const before = countOf(videos.get(videoId) ?? NO_MARKS);
  if (countOf(now) === 0) videos.delete(videoId);
  else videos.set(videoId, now);
  return { ...marks, videos, count: marks.count - before + countOf(now) };
}

/** Ids of the videos that have all of these marks, in no order. */
export function markedWith({ videos }: AccountMarks, { starred, tags }: VideoMarks): string[] {
  const wanted = tags.map(foldedTag);
  const found: string[] = [];
  for (const [videoId, has] of videos) {
    if (starred && !has.starred) continue;
    const folded = wanted.length === 0 ? [] : has.tags.map(foldedTag);
    if (wanted.every((tag) => folded.includes(tag))) found.push(videoId);
  }
  return found;
}

/** The tags in use and how many videos have each, most used first; spelt as most of them have it. */
export function tagsInUse({ videos }: AccountMarks): { tag: string; videos: number }[] {
  const spellings = new Map<string, Map<string, number>>();
  for (const { tags } of videos.values()) {
    for (const tag of tags) {
      const known = spellings.get(foldedTag(tag)) ?? new Map<string, number>();
      spellings.set(foldedTag(tag), known.set(tag, (known.get(tag) ?? 0) + 1));
    }
  }
  const used = [...spellings.values()].map((counts) => {
    const [[tag]] = [...counts].toSorted(mostFirst) as [[string, number]];
    return [tag, [...counts.values()].reduce((sum, count) => sum + count)] as const;
  });
  return used.toSorted(mostFirst).map(([tag, count]) => ({ tag, videos: count }));
}

const mostFirst = ([one, ones]: readonly [string, number], [other, others]: readonly [string, number]) =>
  others - ones || byAlphabet(one, other);

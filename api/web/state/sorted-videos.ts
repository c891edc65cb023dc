import type { Video } from '../client/types.ts';

/** Newest first, as the API lists them: ids sort by time. */
export type Sorted = Video[];

/** Whether the video with the first id stands before the other. */
export const isBefore = (id: string, other: string): boolean => id > other;

/** Where a video stands, or would stand; in logarithmic time. */
export function placeOf(videos: Sorted, id: string): number {
  let [low, high] = [0, videos.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(videos[middle]!.id, id)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The video with an id; undefined if there is none. */
export function videoOf(videos: Sorted, id: string | null): Video | undefined {
  if (id === null) return undefined;
  const video = videos[placeOf(videos, id)];
  return video?.id === id ? video : undefined;
}

/** With these added, or in place of those with their ids; in linear time for few news. */
export function withVideos(videos: Sorted, news: Video[]): Sorted {
  if (news.length === 0) return videos;
  const sorted = news.toSorted((a, b) => (isBefore(a.id, b.id) ? -1 : 1));
  const result: Video[] = [];
  let from = 0;
  for (const video of sorted) {
    const at = placeOf(videos, video.id);
    for (; from < at; from++) result.push(videos[from]!);
    result.push(video);
    if (videos[from]?.id === video.id) from++;
  }
  for (; from < videos.length; from++) result.push(videos[from]!);
  return result;
}

export const without = (videos: Sorted, ids: ReadonlySet<string>): Sorted =>
  ids.size === 0 ? videos : videos.filter(({ id }) => !ids.has(id));

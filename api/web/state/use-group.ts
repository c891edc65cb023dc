import { useEffect } from 'react';
import type { Video } from '../client/types.ts';
import { listGroup } from '../client/videos.ts';

/**
 * The videos of the group that a video belongs to, in order; empty for a single video. Those that the page has not loaded
 * are read once.
 *
 * @param video null for none
 * @param put stable function, called with each video that was read
 */
export function useGroup(video: Video | null, videos: Video[], put: (video: Video) => void): Video[] {
  const groupId = video?.group_id ?? null;
  useEffect(() => {
    if (groupId === null) return;
    const abort = new AbortController();
    listGroup(groupId, abort.signal).then(
      ({ data }) => {
        for (const member of data) put(member);
      },
      // The group is what the page has loaded of it.
      () => {},
    );
    return () => abort.abort();
  }, [groupId, put]);
  if (groupId === null) return [];
  return videos
    .filter(({ group_id: id }) => id === groupId)
    .toSorted((a, b) => (a.group_index ?? 0) - (b.group_index ?? 0));
}

import { createContext, useEffect, useMemo } from 'react';
import { ApiError } from '../client/api-error.ts';
import type { Video } from '../client/types.ts';
import { getVideo } from '../client/videos.ts';
import { comparedIds, removeCompared } from './compared.ts';
import { type Sorted, videoOf } from './sorted-videos.ts';
import { inAddress, useAddress } from './use-address.ts';

/** Ids of all videos that are compared, the featured one's first; empty without a comparison. */
export const ComparedContext = createContext<readonly string[]>([]);

/**
 * The finished videos that the featured one is compared with, of those whose ids are in the address, in that order. One that
 * does not exist leaves the address.
 *
 * @param featured id; null for none
 * @param failure why the featured one cannot be shown: if it is gone, the next takes its place; null for none
 * @param put stable function, called with each video that the page has not loaded
 */
export function useCompared(
  featured: string | null,
  failure: Error | null,
  videos: Sorted,
  put: (video: Video) => void,
): Video[] {
  const [text] = useAddress('compare');
  const ids = useMemo(() => comparedIds(text, featured), [text, featured]);
  const missing = ids.filter((id) => videoOf(videos, id) === undefined).join();
  useEffect(() => {
    if (missing === '') return;
    const abort = new AbortController();
    for (const id of missing.split(','))
      getVideo(id, abort.signal).then(put, (error: unknown) => {
        if (isGone(error)) removeCompared(id, 'replace');
      });
    return () => abort.abort();
  }, [missing, put]);
  useEffect(() => {
    // As the address is now: the failure is the newest that there was.
    const gone = inAddress('video');
    if (gone !== null && isGone(failure) && inAddress('compare') !== null) removeCompared(gone, 'replace');
  }, [failure]);
  return ids.flatMap((id) => {
    const video = videoOf(videos, id);
    return video?.status === 'completed' ? video : [];
  });
}

const isGone = (error: unknown) => error instanceof ApiError && error.status === 404;

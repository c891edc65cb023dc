import { useEffect } from 'react';
import type { Video } from '../client/types.ts';
import { getVideo } from '../client/videos.ts';

/**
 * The video that the featured one is compared with; null while it is not known.
 *
 * @param id null for none
 * @param put stable function, called with the video if the page has not loaded it
 */
export function useCompared(id: string | null, videos: Video[], put: (video: Video) => void): Video | null {
  const found = videos.find((video) => video.id === id) ?? null;
  const missing = id !== null && found === null;
  useEffect(() => {
    if (!missing) return;
    const abort = new AbortController();
    // Where there is none, there is nothing to compare.
    getVideo(id, abort.signal).then(put, () => {});
    return () => abort.abort();
  }, [id, missing, put]);
  return found;
}

import { useEffect, useState } from 'react';
import type { Video } from '../client/types.ts';
import { watchVideo } from '../client/watch-video.ts';
import { useSession } from './use-service.ts';

/**
 * Watches a video until it is finished.
 *
 * @param id null for no video
 * @param finished true stops watching; after a retry it is false again
 * @param onVideo stable function, called with every state
 * @returns why the video cannot be watched, or null
 */
export function useWatch(id: string | null, finished: boolean, onVideo: (video: Video) => void): Error | null {
  const { apiKey, needsKey } = useSession();
  const [failure, setFailure] = useState<Error | null>(null);
  useEffect(() => {
    setFailure(null);
    if (id === null || finished || needsKey) return;
    const abort = new AbortController();
    watchVideo(id, onVideo, abort.signal).catch((error: Error) => {
      if (!abort.signal.aborted) setFailure(error);
    });
    return () => abort.abort();
  }, [id, finished, onVideo, apiKey, needsKey]);
  return failure;
}

import { useEffect, useState } from 'react';
import type { Video } from '../client/types.ts';
import { watchVideo } from '../client/watch-video.ts';
import { useSession } from './use-session.ts';

/**
 * Follows a video while it is being made.
 *
 * @param id null follows none
 * @param finished true once it needs no watching; a retry makes it false again
 * @param onVideo stable function, given every state
 * @returns why it cannot be followed, or null
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

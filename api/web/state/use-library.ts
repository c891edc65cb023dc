import { useCallback, useEffect, useReducer, useRef } from 'react';
import { isPassing } from '../client/api-error.ts';
import { pause } from '../client/pause.ts';
import { isFinished, type Video } from '../client/types.ts';
import { listVideos } from '../client/videos.ts';
import { EMPTY, type Library, reduce } from './library.ts';
import { useSession } from './use-session.ts';

/** Videos a page, and as many as the API gives at a time. */
const PAGE = 12;
const MOST = 100;
/** Between two looks while something is being made, in ms; slower in a tab that nobody sees. */
const REFRESH_MS = 3_000;
const HIDDEN_REFRESH_MS = 15_000;

export interface LibraryActions {
  put: (video: Video) => void;
  remove: (id: string) => void;
  /** @throws as `request` */
  loadOlder: () => Promise<void>;
}

/**
 * The viewer's videos, kept up to date while any is being made; then it rests until the tab comes back into view.
 *
 * @param watched id of the video that is told by its own events
 */
export function useLibrary(watched: string | null): Library & LibraryActions {
  const { apiKey, needsKey } = useSession();
  const [library, dispatch] = useReducer(reduce, EMPTY);
  // What has been loaded is kept up to date: the oldest are made first.
  const loaded = useRef(PAGE);
  loaded.current = Math.min(MOST, Math.max(PAGE, library.videos.length));
  const active = library.videos.some((video) => !isFinished(video) && video.id !== watched);

  useEffect(() => dispatch({ type: 'reset' }), [apiKey]);

  useEffect(() => {
    if (needsKey) return;
    const abort = new AbortController();
    const follow = async () => {
      for (;;) {
        let answered = true;
        try {
          const page = await listVideos(loaded.current, undefined, abort.signal);
          dispatch({ type: 'newest', page, watched, now: Date.now() / 1000 });
        } catch (error) {
          if (abort.signal.aborted) return;
          if (!isPassing(error)) return dispatch({ type: 'failed' });
          answered = false;
        }
        await pause(active || !answered ? (document.hidden ? HIDDEN_REFRESH_MS : REFRESH_MS) : null, abort.signal);
      }
    };
    follow().catch(() => {});
    return () => abort.abort();
  }, [apiKey, needsKey, active, watched]);

  const { cursor } = library;
  return {
    ...library,
    put: useCallback((video) => dispatch({ type: 'put', video }), []),
    remove: useCallback((id) => dispatch({ type: 'remove', id }), []),
    loadOlder: useCallback(async () => {
      if (cursor !== null) dispatch({ type: 'older', page: await listVideos(PAGE, cursor) });
    }, [cursor]),
  };
}

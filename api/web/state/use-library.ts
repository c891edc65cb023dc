import { useCallback, useEffect, useReducer, useRef } from 'react';
import { isPassing } from '../client/api-error.ts';
import { Backoff } from '../client/backoff.ts';
import { pause } from '../client/pause.ts';
import type { Video } from '../client/types.ts';
import { listVideos } from '../client/videos.ts';
import { EMPTY, type Library, reduce } from './library.ts';
import { isListed, PAGE, refresh } from './refresh.ts';
import { useSession } from './use-session.ts';

/** Between two looks while something is being made, in ms; slower in a tab that nobody sees. */
const REFRESH_MS = 3_000;
const HIDDEN_REFRESH_MS = 15_000;
/** Before the list is asked for again while nothing is being made, in ms; ever more seldom. */
const REST_MS = 5_000;

export interface LibraryActions {
  put: (video: Video) => void;
  remove: (id: string) => void;
  /** @throws as `request` */
  loadOlder: () => Promise<void>;
}

/**
 * The viewer's videos, kept up to date: often while any is being made, then ever more seldom, and not at all while nobody
 * sees the tab, until it comes back into view.
 *
 * @param watched id of the video that is told by its own events
 * @param account whose videos are wanted; null for all that the viewer may see
 */
export function useLibrary(watched: string | null, account: string | null): Library & LibraryActions {
  const { apiKey, needsKey } = useSession();
  const [library, dispatch] = useReducer(reduce, EMPTY);
  const newest = useRef(library);
  newest.current = library;
  const watchedNow = useRef(watched);
  watchedNow.current = watched;
  const active = library.videos.some((video) => isListed(video, watched));

  useEffect(() => dispatch({ type: 'reset', keep: null }), [apiKey]);
  const listed = useRef(account);
  useEffect(() => {
    if (listed.current === account) return;
    listed.current = account;
    dispatch({ type: 'reset', keep: watchedNow.current });
  }, [account]);

  useEffect(() => {
    if (needsKey) return;
    const abort = new AbortController();
    const { signal } = abort;
    const follow = async () => {
      const trouble = new Backoff(REFRESH_MS);
      const rest = new Backoff(REST_MS);
      for (let from: string | null = null; ;) {
        try {
          from = await refresh({ library: () => newest.current, dispatch, watched, account, signal }, from);
          trouble.reset();
          await pause(active ? (document.hidden ? HIDDEN_REFRESH_MS : REFRESH_MS) : rest.next().ms, signal);
          if (!active && document.hidden) await pause(Number.POSITIVE_INFINITY, signal);
        } catch (error) {
          if (signal.aborted) return;
          if (!isPassing(error)) dispatch({ type: 'failed' });
          await pause(trouble.next(error), signal);
        }
      }
    };
    follow().catch(() => {});
    return () => abort.abort();
  }, [apiKey, needsKey, active, watched, account]);

  const { cursor } = library;
  return {
    ...library,
    put: useCallback((video) => dispatch({ type: 'put', video, now: Date.now() / 1000 }), []),
    remove: useCallback((id) => dispatch({ type: 'remove', id }), []),
    loadOlder: useCallback(async () => {
      if (cursor === null) return;
      dispatch({
        type: 'older',
        page: await listVideos({ limit: PAGE, after: cursor, account }),
        now: Date.now() / 1000,
      });
    }, [cursor, account]),
  };
}

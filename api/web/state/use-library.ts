import { useCallback, useEffect, useReducer, useRef } from 'react';
import { isTransient } from '../client/api-error.ts';
import { Backoff } from '../client/backoff.ts';
import { pause } from '../client/pause.ts';
import type { Video } from '../client/types.ts';
import { listVideos } from '../client/videos.ts';
import { EMPTY, type Library, reduce } from './library.ts';
import { needsList, PAGE_SIZE, refresh } from './refresh.ts';
import { useSession } from './use-service.ts';

/** Interval of updates while a video is unfinished, in ms; longer in a hidden tab. */
const REFRESH_MS = 3_000;
const HIDDEN_REFRESH_MS = 15_000;
/** First interval while all videos are finished, in ms; it grows. */
const IDLE_MS = 5_000;

export interface LibraryActions {
  put: (video: Video) => void;
  remove: (id: string) => void;
  /** @throws as `request` */
  loadOlder: () => Promise<void>;
}

/**
 * The viewer's videos, kept up to date: often while any is unfinished, then less and less often. A hidden tab is not updated
 * once all are finished.
 *
 * @param watched id of the video that has a stream of its own
 * @param account id of the account to filter by; null for no filter
 */
export function useLibrary(watched: string | null, account: string | null): Library & LibraryActions {
  const { apiKey, needsKey } = useSession();
  const [library, dispatch] = useReducer(reduce, EMPTY);
  const latest = useRef(library);
  latest.current = library;
  const latestWatched = useRef(watched);
  latestWatched.current = watched;
  const active = library.videos.some((video) => needsList(video, watched));

  useEffect(() => dispatch({ type: 'reset', keep: null }), [apiKey]);
  const listed = useRef(account);
  useEffect(() => {
    if (listed.current === account) return;
    listed.current = account;
    dispatch({ type: 'reset', keep: latestWatched.current });
  }, [account]);

  useEffect(() => {
    if (needsKey) return;
    const abort = new AbortController();
    const { signal } = abort;
    const follow = async () => {
      const failures = new Backoff(REFRESH_MS);
      const idle = new Backoff(IDLE_MS);
      for (let from: string | null = null; ;) {
        try {
          from = await refresh({ library: () => latest.current, dispatch, watched, account, signal }, from);
          failures.reset();
          await pause(active ? (document.hidden ? HIDDEN_REFRESH_MS : REFRESH_MS) : idle.next().ms, signal);
          if (!active && document.hidden) await pause(Number.POSITIVE_INFINITY, signal);
        } catch (error) {
          if (signal.aborted) return;
          if (!isTransient(error)) dispatch({ type: 'failed' });
          await pause(failures.next(error), signal);
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
        page: await listVideos({ limit: PAGE_SIZE, after: cursor, account }),
        now: Date.now() / 1000,
      });
    }, [cursor, account]),
  };
}

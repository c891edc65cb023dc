import { useCallback, useEffect, useReducer, useRef } from 'react';
import { isTransient } from '../client/api-error.ts';
import { Backoff } from '../client/backoff.ts';
import { pause } from '../client/pause.ts';
import type { Video } from '../client/types.ts';
import { listVideos } from '../client/videos.ts';
import { type Filter, filterKey, filterQuery } from './filter.ts';
import { EMPTY, type Library, reduce } from './library.ts';
import { MAX_PAGE_SIZE, needsList, refresh } from './refresh.ts';
import { useSession } from './use-service.ts';

/** Interval of updates while a video is unfinished, in ms; longer in a hidden tab. */
const REFRESH_MS = 3_000;
const HIDDEN_REFRESH_MS = 15_000;
/** First interval while all videos are finished, in ms; it grows. */
const IDLE_MS = 5_000;

export interface LibraryActions {
  /** The first page of the filter is not there yet. */
  stale: boolean;
  put: (video: Video) => void;
  remove: (ids: readonly string[]) => void;
  /** @throws as `request` */
  loadOlder: () => Promise<void>;
}

/**
 * The viewer's videos, kept up to date: often while any is unfinished, then less and less often. A hidden tab is not updated
 * once all are finished.
 *
 * @param watched id of the video that has a stream of its own
 * @param filter the videos that are listed; those of the filter before stay until the first page is there
 */
export function useLibrary(watched: string | null, filter: Filter): Library & LibraryActions {
  const { apiKey, needsKey } = useSession();
  const [library, dispatch] = useReducer(reduce, EMPTY);
  const latest = useRef(library);
  latest.current = library;
  const latestFilter = useRef(filter);
  latestFilter.current = filter;
  const key = filterKey(filter);
  const active = library.videos.some((video) => needsList(video, watched));

  useEffect(() => dispatch({ type: 'reset' }), [apiKey]);

  useEffect(() => {
    if (needsKey) return;
    const abort = new AbortController();
    const { signal } = abort;
    const follow = async () => {
      const failures = new Backoff(REFRESH_MS);
      const idle = new Backoff(IDLE_MS);
      for (let from: string | null = null; ;) {
        try {
          const to = { library: () => latest.current, dispatch, watched, filter: latestFilter.current, signal };
          from = await refresh(to, from);
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
  }, [apiKey, needsKey, active, watched, key]);

  // Until the first page of a new filter is there, the page before it is none of its own.
  const stale = filterKey(library.filter) !== key;
  const cursor = stale ? null : library.cursor;
  return {
    ...library,
    stale,
    cursor,
    put: useCallback((video) => dispatch({ type: 'put', video, now: Date.now() / 1000 }), []),
    remove: useCallback((ids) => dispatch({ type: 'remove', ids }), []),
    loadOlder: useCallback(async () => {
      if (cursor === null) return;
      const { current } = latestFilter;
      const page = await listVideos({ limit: MAX_PAGE_SIZE, after: cursor, ...filterQuery(current) });
      dispatch({ type: 'older', page, filter: current, now: Date.now() / 1000 });
    }, [cursor]),
  };
}

import { isFinished, type Video, type VideoPage } from '../client/types.ts';
import { nextEstimate } from '../format/time-left.ts';
import { type Filter, filterKey, fits, NO_FILTER } from './filter.ts';
import { isBefore, type Sorted, videoOf, without, withVideos } from './sorted-videos.ts';

/** The videos that the page has loaded. */
export interface Library {
  /** Newest first: those that the filter finds, and those that the page shows otherwise. */
  videos: Sorted;
  /** Ids of deleted videos: responses that were already on their way may still contain them. */
  removed: ReadonlySet<string>;
  /** When a video was last updated by itself rather than by a list, in Unix seconds, by id; recent updates only. */
  updated: ReadonlyMap<string, number>;
  /** Id after which the next page begins; null on the last page. */
  cursor: string | null;
  /** What the lists so far were limited to. */
  filter: Filter;
  /** Ids that the server has found by the filter's words; empty without words. */
  found: ReadonlySet<string>;
  state: 'loading' | 'ready' | 'failed';
}

export const EMPTY: Library = {
  videos: [],
  removed: new Set(),
  updated: new Map(),
  cursor: null,
  filter: NO_FILTER,
  found: new Set(),
  state: 'loading',
};

/** A page of the list, as it was requested. */
export interface ListedPage {
  page: VideoPage;
  /** Id of the video before it; null for the newest page. */
  after: string | null;
  filter: Filter;
  /** When it was requested, Unix seconds. */
  requestedAt: number;
}

export type Change =
  | { type: 'failed' }
  | { type: 'reset' }
  /** `watched` is shown large and has a stream of its own, which is ahead of the list. Times are Unix seconds. */
  | ({ type: 'listed'; watched: string | null; now: number } & ListedPage)
  | { type: 'older'; page: VideoPage; filter: Filter; now: number }
  | { type: 'put'; video: Video; now: number }
  | { type: 'remove'; ids: readonly string[] };

/** How long the list may lag behind a new video, or one that changed, in seconds. */
const LIST_DELAY_S = 20;
/** The longest that a response may be on its way, in seconds. */
const LATENCY_S = 60;

/** Linear in the number of videos at most: it runs for each event of a video. */
export function reduce(library: Library, change: Change): Library {
  const { videos, removed, updated } = library;
  switch (change.type) {
    case 'reset':
      return { ...EMPTY, removed };
    case 'failed':
      return { ...library, state: 'failed' };
    case 'put': {
      const { video, now } = change;
      const recent = [...updated].filter(([, at]) => at > now - LATENCY_S);
      return {
        ...library,
        videos: merged(library, videos, [video], now),
        updated: new Map([...recent, [video.id, now]]),
      };
    }
    case 'remove':
      return {
        ...library,
        videos: without(videos, new Set(change.ids)),
        removed: new Set([...removed, ...change.ids]),
      };
    case 'older': {
      const { page, now } = change;
      // It was asked for before the filter changed.
      if (filterKey(change.filter) !== filterKey(library.filter)) return library;
      return {
        ...library,
        videos: merged(library, videos, page.data, now),
        found: foundIn(library, page),
        cursor: page.has_more ? page.last_id : null,
      };
    }
    case 'listed':
      return listed(library, change);
  }
}

function listed(library: Library, change: Extract<Change, { type: 'listed' }>): Library {
  const { page, after, filter, requestedAt, watched, now } = change;
  const isSame = filterKey(filter) === filterKey(library.filter);
  const shown = videoOf(library.videos, watched);
  /** Shown whatever the filter is. */
  const isKept = ({ id, group_id: group }: Video) => id === watched || (group != null && group === shown?.group_id);
  const base: Library = isSame
    ? library
    : { ...library, videos: library.videos.filter(isKept), found: new Set(), filter, cursor: null, state: 'loading' };
  const onPage = new Set(page.data.map(({ id }) => id));
  const last = page.has_more ? (page.last_id ?? '') : '';
  const isOnlyAccount = filterKey({ ...filter, account: '' }) === '';
  const within = (video: Video) =>
    (after === null || video.id < after) &&
    video.id >= last &&
    fits(video, filter, base.found) &&
    (isOnlyAccount || !isKept(video));
  const isRecent = ({ id, created_at: createdAt }: Video) =>
    Math.max(createdAt, base.updated.get(id) ?? 0) > now - LIST_DELAY_S;
  // A video that the list should contain and does not was deleted elsewhere.
  const kept = base.videos.filter((video) => onPage.has(video.id) || !within(video) || isRecent(video));
  const followed = shown !== undefined && !isFinished(shown) ? shown.id : null;
  const news = page.data.filter(({ id }) => id !== followed && (base.updated.get(id) ?? 0) < requestedAt);
  return {
    ...base,
    videos: merged(base, kept, news, now),
    found: foundIn(base, page),
    cursor: cursorAfter(base, page),
    state: 'ready',
  };
}

/** Pages that are already loaded stay. */
function cursorAfter({ state, cursor }: Library, { has_more, last_id }: VideoPage): string | null {
  if (!has_more || last_id === null) return null;
  if (cursor === null) return state === 'ready' ? null : last_id;
  return isBefore(last_id, cursor) ? cursor : last_id;
}

const foundIn = ({ filter, found }: Library, { data }: VideoPage): ReadonlySet<string> =>
  filter.q === '' ? found : new Set([...found, ...data.map(({ id }) => id)]);

function merged({ removed }: Library, videos: Sorted, news: Video[], now: number): Sorted {
  const estimated = news
    .filter(({ id }) => !removed.has(id))
    .map((video) => {
      const old = videoOf(videos, video.id)?.estimate ?? null;
      return { ...video, estimate: nextEstimate(old, video.eta_seconds, now) };
    });
  return withVideos(videos, estimated);
}

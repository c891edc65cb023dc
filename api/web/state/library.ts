import { isFinished, type Video, type VideoPage } from '../client/types.ts';
import { nextEstimate } from '../format/time-left.ts';

/** The videos that the page has loaded. */
export interface Library {
  /** Newest first. */
  videos: Video[];
  /** Ids of deleted videos: responses that were already on their way may still contain them. */
  removed: ReadonlySet<string>;
  /** When a video was last updated by itself rather than by a list, in Unix seconds, by id; recent updates only. */
  updated: ReadonlyMap<string, number>;
  /** Id after which the next page begins; null on the last page. */
  cursor: string | null;
  state: 'loading' | 'ready' | 'failed';
}

export const EMPTY: Library = { videos: [], removed: new Set(), updated: new Map(), cursor: null, state: 'loading' };

/** A page of the list, as it was requested. */
export interface ListedPage {
  page: VideoPage;
  /** Id of the video before it; null for the newest page. */
  after: string | null;
  /** Id of the account that it was limited to; null for no filter. */
  account: string | null;
  /** When it was requested, Unix seconds. */
  requestedAt: number;
}

export type Change =
  | { type: 'failed' }
  /** Clears everything but the featured video. */
  | { type: 'reset'; keep: string | null }
  /** `watched` has a stream of its own, which is ahead of the list. Times are Unix seconds. */
  | ({ type: 'listed'; watched: string | null; now: number } & ListedPage)
  | { type: 'older'; page: VideoPage; now: number }
  | { type: 'put'; video: Video; now: number }
  | { type: 'remove'; id: string };

/** How long the list may lag behind a new video, in seconds. */
const LIST_DELAY_S = 20;
/** The longest that a response may be on its way, in seconds. */
const LATENCY_S = 60;

export function reduce(library: Library, change: Change): Library {
  const { videos, removed, updated } = library;
  switch (change.type) {
    case 'reset':
      return { ...EMPTY, removed, videos: videos.filter(({ id }) => id === change.keep) };
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
        videos: videos.filter(({ id }) => id !== change.id),
        removed: new Set([...removed, change.id]),
      };
    case 'older': {
      const { page, now } = change;
      return {
        ...library,
        videos: merged(library, videos, page.data, now),
        cursor: page.has_more ? page.last_id : null,
      };
    }
    case 'listed': {
      const { page, after, account, requestedAt, watched, now } = change;
      const listed = new Set(page.data.map(({ id }) => id));
      // Ids sort like the list.
      const last = page.has_more ? (page.last_id ?? '') : '';
      const within = (video: Video) =>
        (after === null || video.id < after) && video.id >= last && (account === null || video.account === account);
      // A video that the list should contain and does not was deleted elsewhere.
      const kept = videos.filter(
        (video) => listed.has(video.id) || !within(video) || video.created_at > now - LIST_DELAY_S,
      );
      const followed = videos.find((video) => video.id === watched && !isFinished(video))?.id;
      const news = page.data.filter(({ id }) => id !== followed && (updated.get(id) ?? 0) < requestedAt);
      return {
        ...library,
        videos: merged(library, kept, news, now),
        cursor: cursorAfter(library, page),
        state: 'ready',
      };
    }
  }
}

/** Pages that are already loaded stay. */
function cursorAfter({ state, cursor }: Library, { has_more, last_id }: VideoPage): string | null {
  if (!has_more || last_id === null) return null;
  if (cursor === null) return state === 'ready' ? null : last_id;
  return last_id < cursor ? last_id : cursor;
}

function merged({ removed }: Library, videos: Video[], news: Video[], now: number): Video[] {
  const byId = new Map(videos.map((video) => [video.id, video]));
  for (const video of news) {
    const estimate = nextEstimate(byId.get(video.id)?.estimate ?? null, video.eta_seconds, now);
    byId.set(video.id, { ...video, estimate });
  }
  return [...byId.values()]
    .filter(({ id }) => !removed.has(id))
    .toSorted((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1));
}

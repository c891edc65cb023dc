import { isFinished, type Video, type VideoPage } from '../client/types.ts';
import { nextEstimate } from '../format/time-left.ts';

/** The videos that the page knows. */
export interface Library {
  /** Newest first. */
  videos: Video[];
  /** Deleted here; answers that were under way may still hold them. */
  removed: ReadonlySet<string>;
  /** When the newest state of a video came that was told alone, Unix seconds; not of long ago. */
  told: ReadonlyMap<string, number>;
  /** Where the next page begins; null where there is none. */
  cursor: string | null;
  state: 'loading' | 'ready' | 'failed';
}

export const EMPTY: Library = { videos: [], removed: new Set(), told: new Map(), cursor: null, state: 'loading' };

/** A part of the list, as it was asked for. */
export interface ListedPart {
  page: VideoPage;
  /** The video before it; null for the newest part. */
  after: string | null;
  /** Whose videos it holds; null for all that the viewer may see. */
  account: string | null;
  /** When it was asked for, Unix seconds. */
  askedAt: number;
}

export type Change =
  | { type: 'failed' }
  /** Begins anew, with nothing but the video on the stage. */
  | { type: 'reset'; keep: string | null }
  /** `watched` is told by its own events, and lists are behind them. Times are Unix seconds. */
  | ({ type: 'listed'; watched: string | null; now: number } & ListedPart)
  | { type: 'older'; page: VideoPage; now: number }
  | { type: 'put'; video: Video; now: number }
  | { type: 'remove'; id: string };

/** The list may not know a video yet that was made a moment ago, in seconds. */
const LIST_DELAY_S = 20;
/** How long an answer may be under way, in seconds. */
const LATE_S = 60;

export function reduce(library: Library, change: Change): Library {
  const { videos, removed, told } = library;
  switch (change.type) {
    case 'reset':
      return { ...EMPTY, removed, videos: videos.filter(({ id }) => id === change.keep) };
    case 'failed':
      return { ...library, state: 'failed' };
    case 'put': {
      const { video, now } = change;
      const recent = [...told].filter(([, at]) => at > now - LATE_S);
      return {
        ...library,
        videos: merged(library, videos, [video], now),
        told: new Map([...recent, [video.id, now]]),
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
      const { page, after, account, askedAt, watched, now } = change;
      const listed = new Set(page.data.map(({ id }) => id));
      // Ids are in the order of the list.
      const last = page.has_more ? (page.last_id ?? '') : '';
      const within = (video: Video) =>
        (after === null || video.id < after) && video.id >= last && (account === null || video.account === account);
      // What the list should hold and does not was deleted elsewhere.
      const kept = videos.filter(
        (video) => listed.has(video.id) || !within(video) || video.created_at > now - LIST_DELAY_S,
      );
      const followed = videos.find((video) => video.id === watched && !isFinished(video))?.id;
      const news = page.data.filter(({ id }) => id !== followed && (told.get(id) ?? 0) < askedAt);
      return {
        ...library,
        videos: merged(library, kept, news, now),
        cursor: cursorAfter(library, page),
        state: 'ready',
      };
    }
  }
}

/** Further pages that are already here stay. */
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

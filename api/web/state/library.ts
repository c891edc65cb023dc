import type { Video, VideoPage } from '../client/types.ts';

/** The videos that the page knows. */
export interface Library {
  /** Newest first. */
  videos: Video[];
  /** Deleted here; answers that were under way may still hold them. */
  removed: ReadonlySet<string>;
  /** Where the next page begins; null where there is none. */
  cursor: string | null;
  state: 'loading' | 'ready' | 'failed';
}

export const EMPTY: Library = { videos: [], removed: new Set(), cursor: null, state: 'loading' };

export type Change =
  | { type: 'reset' | 'failed' }
  /** The newest page; `watched` is told by its own events, and lists are behind them. */
  | { type: 'newest'; page: VideoPage; watched: string | null; now: number }
  | { type: 'older'; page: VideoPage }
  | { type: 'put'; video: Video }
  | { type: 'remove'; id: string };

/** The list may not know a video yet that was made a moment ago, in seconds. */
const LIST_DELAY_S = 20;

export function reduce(library: Library, change: Change): Library {
  const { videos, removed } = library;
  switch (change.type) {
    case 'reset':
      return EMPTY;
    case 'failed':
      return { ...library, state: 'failed' };
    case 'put':
      return { ...library, videos: merged(videos, [change.video], removed) };
    case 'remove':
      return {
        ...library,
        videos: videos.filter(({ id }) => id !== change.id),
        removed: new Set([...removed, change.id]),
      };
    case 'older':
      return {
        ...library,
        videos: merged(videos, change.page.data, removed),
        cursor: change.page.has_more ? change.page.last_id : null,
      };
    case 'newest': {
      const { page, watched, now } = change;
      const listed = new Set(page.data.map(({ id }) => id));
      const oldest = page.has_more ? (page.data.at(-1)?.created_at ?? 0) : 0;
      // What the page should hold and does not was deleted elsewhere.
      const kept = videos.filter(
        ({ id, created_at }) => listed.has(id) || created_at < oldest || created_at > now - LIST_DELAY_S,
      );
      const older = kept.some(({ id, created_at }) => !listed.has(id) && created_at < oldest);
      const followed = videos.some(({ id }) => id === watched) ? watched : null;
      const news = page.data.filter(({ id }) => id !== followed);
      return {
        ...library,
        videos: merged(kept, news, removed),
        // Further pages that are already here stay.
        cursor: older || !page.has_more ? library.cursor : page.last_id,
        state: 'ready',
      };
    }
  }
}

function merged(videos: Video[], news: Video[], removed: ReadonlySet<string>): Video[] {
  const byId = new Map([...videos, ...news].map((video) => [video.id, video]));
  return [...byId.values()]
    .filter(({ id }) => !removed.has(id))
    .toSorted((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1));
}

import { ApiError } from '../client/api-error.ts';
import { isFinished, type Video } from '../client/types.ts';
import { getVideo, listVideos } from '../client/videos.ts';
import { type Filter, filterQuery } from './filter.ts';
import type { Change, Library } from './library.ts';
import { placeOf } from './sorted-videos.ts';

/** Videos to load at first. */
const PAGE_SIZE = 24;
/** The API's limit, and as many are loaded as a viewer scrolls on. */
export const MAX_PAGE_SIZE = 100;

export interface Refresh {
  library: () => Library;
  dispatch: (change: Change) => void;
  /** Id of the video that has a stream of its own. */
  watched: string | null;
  filter: Filter;
  signal: AbortSignal;
}

const now = () => Date.now() / 1000;

/** True for a video whose changes only the list can show. */
export const needsList = (video: Video, watched: string | null): boolean => !isFinished(video) && video.id !== watched;

/**
 * Updates the newest videos, and one page of those further down, unfinished ones first. The pages further down take turns,
 * so that every card is updated in time.
 *
 * @param from id of the last video that was updated further down
 * @returns the same for the next call
 * @throws as `request`
 */
export async function refresh(to: Refresh, from: string | null): Promise<string | null> {
  const loaded = to.library().videos.length;
  const end = await listPage(to, null, Math.min(MAX_PAGE_SIZE, Math.max(PAGE_SIZE, loaded)));
  if (end === null) return null;
  const { videos, cursor } = to.library();
  const below = videos.filter(({ id }) => id < end);
  const unfinished = below.filter((video) => needsList(video, to.watched));
  const due = unfinished.length > 0 ? unfinished : below;
  const next = due.find(({ id }) => from !== null && id < from) ?? due[0];
  if (next === undefined) return null;
  // Loaded pages do not reach a video that was opened by its address.
  if (cursor !== null && next.id < cursor) {
    await readOne(to, next.id);
    return next.id;
  }
  const at = placeOf(videos, next.id);
  return await listPage(to, videos[at - 1]?.id ?? null, Math.min(MAX_PAGE_SIZE, videos.length - at));
}

async function readOne({ dispatch, signal }: Refresh, id: string): Promise<void> {
  try {
    dispatch({ type: 'put', video: await getVideo(id, signal), now: now() });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    dispatch({ type: 'remove', ids: [id] });
  }
}

/** @returns id of the page's last video; null at the end of the list */
async function listPage({ dispatch, watched, filter, signal }: Refresh, after: string | null, limit: number) {
  const requestedAt = now();
  const page = await listVideos({ limit, after, ...filterQuery(filter) }, signal);
  dispatch({ type: 'listed', page, after, filter, requestedAt, watched, now: now() });
  return page.has_more ? page.last_id : null;
}

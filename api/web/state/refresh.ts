import { ApiError } from '../client/api-error.ts';
import { isFinished, type Video } from '../client/types.ts';
import { getVideo, listVideos } from '../client/videos.ts';
import type { Change, Library } from './library.ts';

/** Videos a page, and as many as the API gives at a time. */
export const PAGE = 12;
const MOST = 100;

export interface Refresh {
  library: () => Library;
  dispatch: (change: Change) => void;
  /** Id of the video that is told by its own events. */
  watched: string | null;
  /** Id of the account whose videos are listed; null for all that the viewer may see. */
  account: string | null;
  signal: AbortSignal;
}

const now = () => Date.now() / 1000;

/** True for a video that lists have to tell of. */
export const isListed = (video: Video, watched: string | null): boolean => !isFinished(video) && video.id !== watched;

/**
 * Asks how the videos stand: the newest, and beyond these one part of what is further down, what is being made first. The
 * parts come in turn, so that no card stays behind for good.
 *
 * @param from id of the last video that was asked for further down
 * @returns the same for the next time
 * @throws as `request`
 */
export async function refresh(to: Refresh, from: string | null): Promise<string | null> {
  const loaded = to.library().videos.length;
  const end = await listPart(to, null, Math.min(MOST, Math.max(PAGE, loaded)));
  if (end === null) return null;
  const { videos, cursor } = to.library();
  const below = videos.filter(({ id }) => id < end);
  const making = below.filter((video) => isListed(video, to.watched));
  const due = making.length > 0 ? making : below;
  const next = due.find(({ id }) => from !== null && id < from) ?? due[0];
  if (next === undefined) return null;
  // Lists do not reach what came by its address alone.
  if (cursor !== null && next.id < cursor) {
    await lookAt(to, next.id);
    return next.id;
  }
  const at = videos.indexOf(next);
  return await listPart(to, videos[at - 1]?.id ?? null, Math.min(MOST, videos.length - at));
}

async function lookAt({ dispatch, signal }: Refresh, id: string): Promise<void> {
  try {
    dispatch({ type: 'put', video: await getVideo(id, signal), now: now() });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    dispatch({ type: 'remove', id });
  }
}

/** @returns id of its last video; null at the end of the list */
async function listPart({ dispatch, watched, account, signal }: Refresh, after: string | null, limit: number) {
  const askedAt = now();
  const page = await listVideos({ limit, after, account }, signal);
  dispatch({ type: 'listed', page, after, account, askedAt, watched, now: now() });
  return page.has_more ? page.last_id : null;
}

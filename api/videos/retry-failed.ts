import type { Viewer } from '../accounts/viewer.ts';
import { ApiError } from '../errors/errors.ts';
import type { RetryVideosQuery } from './retry-schema.ts';
import { type Video, type VideoList, videoList } from '../jobs/video-schema.ts';
import { type RetryDeps, retryVideo } from './retry-video.ts';

/** Retries at the same time. */
const AT_ONCE = 10;
/** A video that is not let in now, or may not be made any more; one that has just been retried or deleted by another request. */
const LEFT_OUT = ['rate_limit_exceeded', 'queue_too_long', 'prompt_refused', 'video_not_failed', 'video_not_found'];

/**
 * Retries the oldest failed videos that are let in, as each of them alone would be. Who cancelled a video does not want it back,
 * unless that is asked for.
 *
 * @returns the videos as they stand now
 * @throws ApiError `permission_denied` unless the viewer is an admin, `service_unavailable`
 */
export async function retryFailed(
  deps: RetryDeps,
  { errorCode, account, limit }: RetryVideosQuery,
  viewer: Viewer,
): Promise<VideoList> {
  if (!viewer.admin) throw new ApiError('permission_denied');
  const wanted = ({ error }: Video) => (errorCode === null ? error?.code !== 'cancelled' : error?.code === errorCode);
  const retry = ({ id }: Video) =>
    retryVideo(deps, id, viewer).catch((error: unknown) => {
      if (error instanceof ApiError && LEFT_OUT.includes(error.code)) return null;
      throw error;
    });
  const retried: Video[] = [];
  for (let after: string | null = null; ;) {
    const page = await deps.videos.list({ status: 'failed', order: 'asc', limit: 100, account, after }, viewer);
    const found = page.data.filter(wanted);
    while (found.length > 0 && retried.length < limit) {
      const answers = await Promise.all(found.splice(0, Math.min(AT_ONCE, limit - retried.length)).map(retry));
      retried.push(...answers.filter((video) => video !== null));
    }
    if (!page.has_more || retried.length === limit) return videoList(retried, false);
    after = page.last_id;
  }
}

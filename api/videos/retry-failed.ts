import type { Viewer } from '../accounts/viewer.ts';
import { ApiError } from '../errors.ts';
import type { RetryVideosQuery } from '../schemas/retry-videos.ts';
import { type Video, type VideoList, videoList } from '../schemas/video.ts';
import type { VideoService } from './video-service.ts';

/** Retries at the same time. */
const AT_ONCE = 10;

/**
 * Retries the oldest failed videos that fit. Who cancelled a video does not want it back, unless that is asked for.
 *
 * @returns the videos as they stand now
 * @throws ApiError `permission_denied` unless the viewer is an admin, `service_unavailable`
 */
export async function retryFailed(
  videos: VideoService,
  { errorCode, account, limit }: RetryVideosQuery,
  viewer: Viewer,
): Promise<VideoList> {
  if (!viewer.admin) throw new ApiError('permission_denied');
  const wanted = ({ error }: Video) => (errorCode === null ? error?.code !== 'cancelled' : error?.code === errorCode);
  const retried: Video[] = [];
  for (let after: string | null = null; ;) {
    const page = await videos.list({ status: 'failed', order: 'asc', limit: 100, account, after }, viewer);
    const found = page.data.filter(wanted).slice(0, limit - retried.length);
    while (found.length > 0) {
      retried.push(...(await Promise.all(found.splice(0, AT_ONCE).map(({ id }) => videos.retry(id, viewer)))));
    }
    if (!page.has_more || retried.length === limit) return videoList(retried, false);
    after = page.last_id;
  }
}

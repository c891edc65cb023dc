import type { AppDeps } from '../app-deps.ts';
import type { Viewer } from '../accounts/viewer.ts';
import type { Video } from '../schemas/video.ts';

/**
 * Makes a failed video once more, within the limits of the account whose it is; one that is no longer known has none.
 *
 * @throws ApiError `rate_limit_exceeded`, `video_not_failed`, `video_not_found`, `service_unavailable`
 */
export async function retryVideo(
  { videos, usage, accounts }: Pick<AppDeps, 'videos' | 'usage' | 'accounts'>,
  videoId: string,
  viewer: Viewer,
): Promise<Video> {
  const { input } = await videos.get(videoId, viewer);
  const owner = accounts.byId(input.accountId);
  const retry = () => videos.retry(videoId, viewer);
  return owner === null ? await retry() : await usage.admit(owner, videoId, retry);
}

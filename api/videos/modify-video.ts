import type { RequestHandler } from 'express';
import { viewerOf } from '../accounts/viewer.ts';
import { ApiError } from '../errors/errors.ts';
import { parseModifyVideo } from '../marks/schema.ts';
import type { VideosDeps } from './deps.ts';
import { sendVideo } from './send-video.ts';

/**
 * `POST /videos/:id`: gives a video a star and tags, or takes them; an admin's are in the video's account. The body has been read.
 *
 * @throws ApiError `video_not_found` (also of another account's), `too_many_marks`, `storage_denied`, `rate_limit_exceeded`,
 *   `service_unavailable`
 */
export function modifyVideoHandler({
  videos,
  marks,
}: Pick<VideosDeps, 'videos' | 'marks'>): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const change = parseModifyVideo(req.body as Record<string, unknown>);
    const { id } = req.params;
    const { accountId } = (await videos.get(id, viewerOf(res))).input;
    const now = await marks.change(accountId, id, change);
    try {
      // A removal that began meanwhile may have been through with the video's marks before.
      const { video } = await videos.afresh(id, viewerOf(res));
      sendVideo(res, { ...video, ...now });
    } catch (error) {
      if (error instanceof ApiError && error.code === 'video_not_found') await marks.remove(accountId, id);
      throw error;
    }
  };
}

import { buffer } from 'node:stream/consumers';
import type { RequestHandler } from 'express';
import { keys } from '../../storage/keys.ts';
import { commentOf } from '../../media/jpeg-comment.ts';
import { ObjectNotFoundError, type ObjectStore } from '../../storage/object-store.ts';
import { viewerOf } from '../accounts/viewer.ts';
import { ApiError } from '../errors/errors.ts';
import { assertUnchanged, isFresh } from '../http/conditional.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import type { VideoService } from './video-service.ts';

/** Questions for one preview within that time, in ms, read the store once. */
const SHARED_MS = 100;

interface Preview {
  jpeg: Buffer;
  etag: string;
}

/** `GET /videos/:id/preview`: how a running video looks so far, and in `x-preview-step` after which step. */
export function previewHandler(videos: VideoService, scratch: ObjectStore): RequestHandler<{ id: string }> {
  const previews = new SingleFlightCache<Preview>(SHARED_MS);
  return async (req, res) => {
    const { video } = await videos.get(req.params.id, viewerOf(res));
    if (video.status !== 'in_progress') throw new ApiError('preview_not_available');
    const { jpeg, etag } = await previews.next(video.id, () => newestPreview(scratch, video.id));
    const validators = { etag, lastModified: null };
    assertUnchanged(req.headers, validators);
    res.set({
      etag,
      'cache-control': 'no-cache',
      // The picture's own word: what the Video object says may be half a second old.
      'x-preview-step': commentOf(jpeg)?.replace(/\D/g, '') ?? String(video.preview_step),
    });
    if (isFresh(req.headers, validators)) {
      res.status(304).end();
      return;
    }
    res.setHeader('content-type', 'image/jpeg');
    res.setHeader('content-length', jpeg.length);
    res.end(req.method === 'HEAD' ? undefined : jpeg);
  };
}

async function newestPreview(scratch: ObjectStore, videoId: string): Promise<Preview> {
  try {
    const { info, body } = await scratch.get(keys.preview(videoId));
    return { jpeg: await buffer(body), etag: info.etag };
  } catch (error) {
    if (error instanceof ObjectNotFoundError) throw new ApiError('preview_not_available');
    throw new ApiError('service_unavailable', {
      message: 'The store of running videos does not answer. Try again in a few seconds.',
      cause: error,
    });
  }
}

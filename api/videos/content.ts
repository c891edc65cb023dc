import type { RequestHandler } from 'express';
import type { Export } from '../../contract/exports.ts';
import { EXPORT_FILES, VARIANT_FILES } from '../../storage/keys.ts';
import type { GenerateVideoResult, StoredFile, Variant } from '../../contract/results.ts';
import { Exports } from './exports.ts';
import type { VideosDeps } from './deps.ts';
import { viewerOf } from '../accounts/viewer.ts';
import { ApiError, invalid } from '../errors/errors.ts';
import type { VideoRecord } from '../jobs/video-object.ts';
import { sendFile } from './send-file.ts';

/**
 * `GET` and `HEAD /videos/:id/content`: the finished files, whole or in ranges, streamed from the artefact store.
 *
 * @param delivery if given, GET is redirected to a link instead, unless it asks for `delivery=proxy`
 */
export function contentHandler({
  videos,
  artefacts,
  delivery,
  temporal,
}: Pick<VideosDeps, 'videos' | 'artefacts' | 'delivery' | 'temporal'>): RequestHandler<{ id: string }> {
  const exports = new Exports(temporal);
  return async (req, res) => {
    const variant = variantOf(req.query.variant);
    const { delivery: how } = req.query;
    if (Array.isArray(how)) throw invalid('delivery', 'delivery is given more than once; give it once.');
    const record = await videos.latest(req.params.id, viewerOf(res));
    const { artefacts: files } = finished(record);
    const file = isExport(variant) ? await exports.file(record, files.video, variant) : files[variant];
    // What fetches across origins, as scripts in browsers do, may not be able to follow.
    if (delivery && req.method === 'GET' && how !== 'proxy') {
      const { contentType, key } = file;
      const seconds = delivery.linkSeconds;
      const link = await delivery.links.link(key, { fileName: fileName(record, variant), contentType, seconds });
      res.setHeader('cache-control', 'no-store');
      res.redirect(302, link);
      return;
    }

    const { completed_at: completedAt } = record.video;
    const cacheControl = 'private, max-age=3600';
    await sendFile(req, res, artefacts, { file, completedAt, fileName: fileName(record, variant), cacheControl });
  };
}

const FILES = { ...VARIANT_FILES, ...EXPORT_FILES };
const isVariant = (name: unknown): name is Variant | Export => typeof name === 'string' && Object.hasOwn(FILES, name);
const isExport = (variant: Variant | Export): variant is Export => Object.hasOwn(EXPORT_FILES, variant);

function variantOf(given: unknown): Variant | Export {
  if (given === undefined || given === '') return 'video';
  if (isVariant(given)) return given;
  throw new ApiError('unsupported_variant', {
    param: 'variant',
    message: `variant must be one of ${Object.keys(FILES).join(', ')}; leave it out for the video.`,
  });
}

/**
 * A file of a finished video, as it lies in the artefact store.
 *
 * @throws ApiError `video_not_ready`, `video_generation_failed`, `video_expired`
 */
export const fileOf = (record: VideoRecord, variant: Variant): StoredFile => finished(record).artefacts[variant];

/** What the video's workflow has ended with. @throws ApiError where it has no files, or none any more */
function finished({ video, result }: VideoRecord): GenerateVideoResult {
  if (result !== null) {
    if (video.expires_at !== null && video.expires_at <= Date.now() / 1000) throw new ApiError('video_expired');
    return result;
  }
  if (video.error !== null) {
    throw new ApiError('video_generation_failed', {
      message: `The video has no content, because it failed (${video.error.code}): ${video.error.message}`,
    });
  }
  throw new ApiError('video_not_ready', {
    message: `The video is not finished yet (${video.status}, ${video.progress} %). Ask again when its status is completed.`,
  });
}

/** With the seed, so that a downloaded file can be made again. */
function fileName({ video }: VideoRecord, variant: Variant | Export): string {
  const extension = FILES[variant].name.split('.').at(-1);
  return `${video.id}-seed-${video.seed}.${extension}`;
}

import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import { VARIANT_FILES } from '../../storage/keys.ts';
import { type ByteRange, ObjectNotFoundError, type ObjectStore } from '../../storage/object-store.ts';
import type { StoredFile, Variant } from '../../contract/results.ts';
import type { VideosDeps } from './deps.ts';
import { viewerOf } from '../accounts/viewer.ts';
import { ApiError, invalid } from '../errors/errors.ts';
import { assertUnchanged, isFresh, rangeApplies, parseRange } from '../http/conditional.ts';
import type { VideoRecord } from '../jobs/video-object.ts';

/**
 * `GET` and `HEAD /videos/:id/content`: the finished files, whole or in ranges, streamed from the artefact store.
 *
 * @param delivery if given, GET is redirected to a link instead, unless it asks for `delivery=proxy`
 */
export function contentHandler({
  videos,
  artefacts,
  delivery,
}: Pick<VideosDeps, 'videos' | 'artefacts' | 'delivery'>): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const variant = variantOf(req.query.variant);
    const { delivery: how } = req.query;
    if (Array.isArray(how)) throw invalid('delivery', 'delivery is given more than once; give it once.');
    const record = await videos.latest(req.params.id, viewerOf(res));
    const file = fileOf(record, variant);
    // What fetches across origins, as scripts in browsers do, may not be able to follow.
    if (delivery && req.method === 'GET' && how !== 'proxy') {
      const { contentType, key } = file;
      const seconds = delivery.linkSeconds;
      const link = await delivery.links.link(key, { fileName: fileName(record, variant), contentType, seconds });
      res.setHeader('cache-control', 'no-store');
      res.redirect(302, link);
      return;
    }

    const validators = {
      etag: `"${file.sha256}"`,
      lastModified: new Date((record.video.completed_at ?? 0) * 1000).toUTCString(),
    };
    assertUnchanged(req.headers, validators);
    res.set({
      etag: validators.etag,
      'last-modified': validators.lastModified,
      'cache-control': 'private, max-age=3600',
      'accept-ranges': 'bytes',
      'content-disposition': `inline; filename="${fileName(record, variant)}"`,
    });
    if (isFresh(req.headers, validators)) {
      res.status(304).end();
      return;
    }
    // A range means something to GET only.
    const wanted = req.method === 'GET' && rangeApplies(req.get('if-range'), validators) ? req.get('range') : undefined;
    const range = parseRange(wanted, file.bytes);
    if (range === 'unsatisfiable') {
      throw new ApiError('range_not_satisfiable', { headers: { 'content-range': `bytes */${file.bytes}` } });
    }
    await sendFile(req, res, artefacts, file, range);
  };
}

async function sendFile(
  req: Request<{ id: string }>,
  res: Response,
  store: ObjectStore,
  file: StoredFile,
  range: ByteRange | null,
) {
  const describe = () => {
    // Not res.type(), which would add a charset.
    res.setHeader('content-type', file.contentType);
    res.setHeader('content-length', range ? range.end - range.start + 1 : file.bytes);
    if (range) res.status(206).setHeader('content-range', `bytes ${range.start}-${range.end}/${file.bytes}`);
  };
  if (req.method === 'HEAD') {
    if ((await fromStore(store.head(file.key))) === null) throw new ApiError('video_expired');
    describe();
    res.end();
    return;
  }
  const { info, body } = await fromStore(store.get(file.key, range ?? undefined));
  if (info.bytes !== file.bytes) {
    body.destroy();
    throw new Error(`${file.key} has ${info.bytes} bytes in ${store.url}, not ${file.bytes}`);
  }
  describe();
  try {
    await pipeline(body, res);
  } catch (error) {
    // Players break off all the time: they ask for the whole file and keep its first part.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** Errors of the store as the client's: removed files are gone for good, anything else is worth another try. */
async function fromStore<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ObjectNotFoundError) throw new ApiError('video_expired');
    throw new ApiError('service_unavailable', {
      message: 'The store of finished videos does not answer. Try again in a few seconds.',
      cause: error,
    });
  }
}

const isVariant = (name: unknown): name is Variant => typeof name === 'string' && Object.hasOwn(VARIANT_FILES, name);

function variantOf(given: unknown): Variant {
  if (given === undefined || given === '') return 'video';
  if (isVariant(given)) return given;
  throw new ApiError('unsupported_variant', {
    param: 'variant',
    message: `variant must be one of ${Object.keys(VARIANT_FILES).join(', ')}; leave it out for the video.`,
  });
}

function fileOf({ video, result }: VideoRecord, variant: Variant): StoredFile {
  if (result !== null) {
    if (video.expires_at !== null && video.expires_at <= Date.now() / 1000) throw new ApiError('video_expired');
    return result.artefacts[variant];
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
function fileName({ video }: VideoRecord, variant: Variant): string {
  const extension = VARIANT_FILES[variant].name.split('.').at(-1);
  return `${video.id}-seed-${video.seed}.${extension}`;
}

import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from 'express';
import type { StoredFile } from '../../contract/results.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import { Limit } from '../../platform/flow/limit.ts';
import { type Viewer, viewerOf } from '../accounts/viewer.ts';
import { ApiError } from '../errors/errors.ts';
import { answerOfStore } from '../errors/store-errors.ts';
import type { Video } from '../jobs/video-schema.ts';
import { archiveNames } from './archive-names.ts';
import { parseArchive } from './archive-schema.ts';
import { fileOf } from './content.ts';
import type { VideosDeps } from './deps.ts';
import { storedZip } from './stored-zip.ts';

type Deps = Pick<VideosDeps, 'videos' | 'artefacts'>;

/** Videos that are looked for at the same time. */
const AT_ONCE = 10;
/** Of a video that cannot be had: what the others are sent without. */
const LEFT_OUT: readonly ErrorCode[] = [
  'video_not_found',
  'video_not_ready',
  'video_generation_failed',
  'video_expired',
  'encryption_key_missing',
];

/** What of an archive is there. */
interface Contents {
  found: { video: Video; file: StoredFile }[];
  /** With the reason, for people. */
  missing: { id: string; why: string }[];
}

/**
 * `GET` and `HEAD /videos/archive`: a ZIP of finished videos, streamed from the artefact store. What of them cannot be had is named
 * in `missing.txt`.
 *
 * @throws ApiError `video_not_found` where none can be had, `missing_required_parameter`, `invalid_value`, `storage_denied`,
 *   `rate_limit_exceeded`, `service_unavailable`
 */
export function archiveHandler(deps: Deps): RequestHandler {
  return async (req, res) => {
    const { found, missing } = await contentsOf(deps, parseArchive(req.query), viewerOf(res));
    if (found.length === 0) {
      const [{ id, why }] = missing as [Contents['missing'][0]];
      throw new ApiError('video_not_found', { message: `None of these videos can be had. ${id}: ${why}` });
    }
    const isHead = req.method === 'HEAD';
    const names = archiveNames(found.map(({ video }) => video));
    const entries = found.map(({ video, file }, i) => ({
      name: names[i]!,
      bytes: file.bytes,
      modifiedAt: video.completed_at ?? video.created_at,
      open: async () => {
        // Its length is all that is asked for.
        if (isHead) return await new Promise<never>(() => {});
        return (await deps.artefacts.get(file.key)).body;
      },
    }));
    const lines = missing.map(({ id, why }) => `${id}: ${why}\n`);
    const zip = storedZip(entries, lines.length === 0 ? undefined : { name: 'missing.txt', content: lines.join('') });
    // Not res.type(), which would add a charset.
    res.setHeader('content-type', 'application/zip');
    res.set({
      'content-length': String(zip.bytes),
      'content-disposition': 'attachment; filename="kinora-videos.zip"',
      'cache-control': 'no-store',
    });
    if (isHead) {
      zip.stream.destroy();
      res.end();
      return;
    }
    try {
      await pipeline(zip.stream, res);
    } catch (error) {
      // The client has broken off.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
  };
}

async function contentsOf({ videos, artefacts }: Deps, ids: readonly string[], viewer: Viewer): Promise<Contents> {
  const contents: Contents = { found: [], missing: [] };
  const look = async (id: string): Promise<Contents['found'][0] | Contents['missing'][0]> => {
    try {
      const record = await videos.latest(id, viewer);
      const file = fileOf(record, 'video');
      // Once the first bytes are sent, a file that is not there would break the archive off.
      const stored = await answerOfStore(artefacts.head(file.key));
      if (stored?.bytes !== file.bytes) throw new ApiError('video_expired');
      return { video: record.video, file };
    } catch (error) {
      if (!(error instanceof ApiError) || !LEFT_OUT.includes(error.code)) throw error;
      return { id, why: error.message };
    }
  };
  const looks = new Limit(AT_ONCE);
  for (const one of await Promise.all(ids.map((id) => looks.run(undefined, () => look(id))))) {
    if ('file' in one) contents.found.push(one);
    else contents.missing.push(one);
  }
  return contents;
}

import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { StoredFile } from '../../contract/results.ts';
import { type ByteRange, ObjectNotFoundError, type ObjectStore } from '../../storage/object-store.ts';
import { ApiError } from '../errors/errors.ts';
import { storeUnavailable } from '../errors/store-errors.ts';
import { assertUnchanged, isFresh, rangeApplies, parseRange } from '../http/conditional.ts';

const SPACE = 0x20;

/** A file, and what is said of it. */
export interface SentFile {
  file: StoredFile;
  /** When the video was completed, unix seconds. */
  completedAt: number | null;
  /** Under which browsers save it. */
  fileName: string;
  cacheControl: string;
  /** What of it is sent as spaces; nothing where it is left out. */
  blank?: ByteRange | null;
}

/**
 * Answers `GET` and `HEAD` with a file of the store, whole or a range of it, or with 304 where the client has it.
 *
 * @throws ApiError `precondition_failed`, `range_not_satisfiable`, `video_expired` where it is gone, `service_unavailable`
 */
export async function sendFile(
  req: Request,
  res: Response,
  store: ObjectStore,
  { file, completedAt, fileName, cacheControl, blank = null }: SentFile,
): Promise<void> {
  const etag = blank === null ? file.sha256 : `${file.sha256}-blank`;
  const validators = { etag: `"${etag}"`, lastModified: new Date((completedAt ?? 0) * 1000).toUTCString() };
  assertUnchanged(req.headers, validators);
  res.set({
    etag: validators.etag,
    'last-modified': validators.lastModified,
    'cache-control': cacheControl,
    'accept-ranges': 'bytes',
    'content-disposition': `inline; filename="${fileName}"`,
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
  await sendBytes(req, res, store, { file, range, blank });
}

interface SentBytes {
  file: StoredFile;
  /** null for the whole file. */
  range: ByteRange | null;
  blank: ByteRange | null;
}

async function sendBytes(req: Request, res: Response, store: ObjectStore, { file, range, blank }: SentBytes) {
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
    await pipeline(body, blanked(blank, range?.start ?? 0), res);
  } catch (error) {
    // Players break off all the time: they ask for the whole file and keep its first part.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** @param position in the file, of the first byte that comes */
function blanked(blank: ByteRange | null, position: number) {
  return async function* (chunks: AsyncIterable<Uint8Array>) {
    let at = position;
    for await (const chunk of chunks) {
      if (blank !== null && at <= blank.end && at + chunk.length > blank.start) {
        // Of this chunk, not of the store's: another reader may share its memory.
        const copy = Uint8Array.from(chunk);
        copy.fill(SPACE, Math.max(0, blank.start - at), blank.end + 1 - at);
        yield copy;
      } else yield chunk;
      at += chunk.length;
    }
  };
}

/** Errors of the store as the client's: removed files are gone for good, anything else is worth another try. */
export async function fromStore<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ObjectNotFoundError) throw new ApiError('video_expired');
    throw storeUnavailable(error);
  }
}

import { json } from 'node:stream/consumers';
import { keys } from '../storage/keys.ts';
import { LOSSLESS_CONTENT_TYPE, LosslessWriter } from '../storage/media/lossless-writer.ts';
import { type ObjectInfo, ObjectNotFoundError, type ObjectStore } from '../storage/object-store.ts';
import { type GenerateResult, type GenerateVideoInput, generatedShape } from '../workflows/contract.ts';
import type { FrameChunk } from './mochi/index.ts';
import { ScratchError } from './scratch-error.ts';

export interface StoredFrames {
  sha256: string;
  frames: number;
  etag: string;
}

/**
 * Streams decoded frames into the job's lossless file in the scratch store while later ones are still being decoded. The
 * file becomes visible whole, or not at all.
 *
 * @param signal gives up.
 */
export async function storeFrames(
  store: ObjectStore,
  { videoId, spec }: GenerateVideoInput,
  chunks: AsyncIterable<FrameChunk>,
  signal: AbortSignal,
): Promise<StoredFrames> {
  const { width, height } = generatedShape(spec);
  let writer: LosslessWriter | undefined;
  let stored: ReturnType<ObjectStore['put']> | undefined;
  let storeError: unknown;
  try {
    for await (const { data } of chunks) {
      if (!writer) {
        writer = await LosslessWriter.open({ width, height, fps: spec.fps });
        stored = store.put(keys.frames(videoId), writer.stream, { contentType: LOSSLESS_CONTENT_TYPE, signal });
        stored.catch((error: unknown) => (storeError ??= new ScratchError(error)));
      }
      await writer.write(data);
    }
    if (!writer || !stored) throw new Error('The model made no frames');
    const sha256 = await writer.finish();
    return { sha256, frames: writer.frames, etag: (await stored).etag };
  } catch (error) {
    const reason = storeError ?? error;
    await writer?.abort(reason);
    await stored?.catch(() => {});
    throw reason;
  }
}

interface FramesRecord {
  /** As `configHash` gives it. */
  config: string;
  /** Of the frames that the result tells of. */
  etag: string;
  result: GenerateResult;
}

/** Notes, beside the frames, what they were made from and what `generate` answers. */
export function recordFrames(store: ObjectStore, videoId: string, record: FramesRecord): Promise<ObjectInfo> {
  const body = Buffer.from(JSON.stringify(record));
  return store.put(keys.framesRecord(videoId), body, { contentType: 'application/json' });
}

/** The result of an earlier attempt that had finished its frames but could not report it; null where there is none. */
export async function finishedFrames(
  store: ObjectStore,
  videoId: string,
  config: string,
): Promise<GenerateResult | null> {
  try {
    const { body } = await store.get(keys.framesRecord(videoId));
    const record = (await json(body)) as FramesRecord;
    if (record.config !== config) return null;
    const frames = await store.head(record.result.framesKey);
    return frames?.etag === record.etag ? record.result : null;
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return null;
    throw error;
  }
}

import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { keys } from '../../storage/keys.ts';
import { LOSSLESS_CONTENT_TYPE, LosslessWriter } from '../../media/lossless-writer.ts';
import type { Lease } from '../../storage/lease.ts';
import { ObjectNotFoundError, type ObjectStore } from '../../storage/object-store.ts';
import { type GenerateVideoInput, generatedShape } from '../../contract/video-job.ts';
import type { GenerateResult } from '../../contract/results.ts';
import type { FrameChunk } from '../families/mochi/index.ts';
import { ScratchError } from './scratch-error.ts';
import type { Seal } from './seal.ts';

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

/**
 * Notes, beside the frames, what they were made from and what `generate` answers, sealed.
 *
 * @throws LeaseLostError
 */
export async function recordFrames(
  store: ObjectStore,
  videoId: string,
  record: FramesRecord,
  { seal, lease }: { seal: Seal; lease: Lease },
): Promise<void> {
  const text = JSON.stringify(record);
  const body = Buffer.from(JSON.stringify({ record: text, signature: seal.sign('frames', text) }));
  await lease.put(store, keys.framesRecord(videoId), body, { contentType: 'application/json' });
}

/**
 * The result of an earlier attempt that had finished its frames but could not report it; null where there is none, or none
 * that a worker has written for this video.
 */
export async function finishedFrames(
  store: ObjectStore,
  videoId: string,
  config: string,
  seal: Seal,
): Promise<GenerateResult | null> {
  try {
    const { body } = await store.get(keys.framesRecord(videoId));
    const { record, signature } = sealedSchema.parse(await json(body));
    if (!seal.holds('frames', record, signature)) return null;
    const { config: madeWith, etag, result } = JSON.parse(record) as FramesRecord;
    if (madeWith !== config || result.framesKey !== keys.frames(videoId)) return null;
    const frames = await store.head(result.framesKey);
    return frames?.etag === etag ? result : null;
  } catch (error) {
    // One of an earlier version, or damaged: the frames are decoded once more.
    if (error instanceof ObjectNotFoundError || error instanceof SyntaxError || error instanceof z.ZodError)
      return null;
    throw error;
  }
}

const sealedSchema = z.object({ record: z.string(), signature: z.string().nullable() });

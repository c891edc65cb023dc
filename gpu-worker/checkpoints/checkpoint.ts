import { createHash, webcrypto } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { keys } from '../../storage/keys.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Logger } from '../../platform/log/logger.ts';
import type { VideoSpec } from '../../contract/video-job.ts';
import { areFinite } from '../inference/finite.ts';
import { parseSafetensors, writeSafetensors } from '../weights/safetensors.ts';
import type { Seal } from './seal.ts';

/** The state of a video's denoising: all that another worker needs to resume it, bit for bit. */
export interface Checkpoint {
  /** Finished steps. */
  step: number;
  /** `[12, T, h, w]` after them, exact. */
  latents: Float32Array;
  /** Seconds of device work that went into them, of all attempts. */
  seconds: number;
}

/** Raised when checkpoints of an older version of this code must not be resumed from. */
const FORMAT = '1';

/**
 * One name for everything that decides the pixels: the job and the model.
 *
 * @param model what else decides: identity of the weights, precision, kind of device.
 * @returns SHA-256, hex.
 */
export function configHash(spec: VideoSpec, model: readonly string[]): string {
  const entries = Object.entries(spec).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, model, entries]))
    .digest('hex');
}

/** What decides whether a checkpoint may be resumed from. */
export interface CheckpointOf {
  /** As `configHash` gives it. */
  config: string;
  seal: Seal;
}

/** The bytes of a checkpoint: a safetensors file that holds `latents` and, as metadata, the rest, with a checksum, sealed. */
export async function packCheckpoint(
  { step, latents, seconds }: Checkpoint,
  seed: number,
  { config, seal }: CheckpointOf,
): Promise<Uint8Array> {
  const metadata = {
    format: FORMAT,
    config,
    seed: String(seed),
    step: String(step),
    seconds: String(seconds),
    sha256: await sha256(latents),
  };
  const signature = seal.sign('checkpoint', sealed(metadata));
  return writeSafetensors(
    { latents: { shape: [latents.length], data: latents } },
    { ...metadata, ...(signature !== null && { signature }) },
  );
}

const sealed = ({ config, step, seconds, sha256: checksum }: Record<string, string>) =>
  JSON.stringify([config, step, seconds, checksum]);

/** @throws Error saying what is wrong: damaged, of another job or model, or not signed with our key. */
async function unpackCheckpoint(key: string, bytes: Uint8Array, { config, seal }: CheckpointOf): Promise<Checkpoint> {
  const { tensors, metadata } = parseSafetensors(key, bytes);
  if (metadata.config !== config) throw new Error(`${key} was taken with another model or for another video`);
  if (!seal.holds('checkpoint', sealed(metadata), metadata.signature)) {
    throw new Error(`${key} was not written by a worker with our SCRATCH_KEYS_FILE, or not for this video`);
  }
  const latents = tensors.get('latents')?.data;
  if (!(latents instanceof Float32Array) || (await sha256(latents)) !== metadata.sha256) {
    throw new Error(`${key} is damaged`);
  }
  if (!areFinite(latents)) throw new Error(`${key} holds values that are not finite`);
  const step = Number(metadata.step);
  if (!Number.isSafeInteger(step) || step < 1) throw new Error(`${key} does not say after which step it was taken`);
  return { step, latents, seconds: Number(metadata.seconds) };
}

/**
 * The newest usable checkpoint of a video. What is listed counts, not only what was heartbeated: the last heartbeat of
 * a worker that was killed may have been lost, or name one that was replaced since.
 */
export async function newestCheckpoint(
  store: ObjectStore,
  videoId: string,
  of: CheckpointOf,
  log: Logger,
): Promise<Checkpoint | null> {
  const found: string[] = [];
  for await (const { key } of store.list(keys.prefix(videoId))) {
    if (/\/checkpoint-\d+\.safetensors$/.test(key)) found.push(key);
  }
  for (const key of found.toReversed()) {
    try {
      const { body } = await store.get(key);
      return await unpackCheckpoint(key, await buffer(body), of);
    } catch (error) {
      log.warn({ key, err: error }, 'Checkpoint cannot be used: trying the one before it');
    }
  }
  return null;
}

/** Off the event loop: latents of the largest clips take a tenth of a second. */
async function sha256(data: Float32Array): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', data as Float32Array<ArrayBuffer>)).toString('hex');
}

import { createHash, webcrypto } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { keys } from '../storage/keys.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Logger } from '../temporal/logger.ts';
import type { VideoSpec } from '../workflows/contract.ts';
import { parseSafetensors, writeSafetensors } from './mochi/safetensors.ts';

/** Where the denoising of a video stands: all that another worker needs to go on, bit for bit. */
export interface Checkpoint {
  /** Finished steps. */
  step: number;
  /** `[12, T, h, w]` after them, exact. */
  latents: Float32Array;
  /** Seconds of device work that went into them, of all attempts. */
  seconds: number;
  /** The attempt that stored it on its orderly way out; null where it went on. */
  endedAttempt: number | null;
}

/** Raised when checkpoints of an older version of this code must not be gone on with. */
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

/** The bytes of a checkpoint: a safetensors file that holds `latents` and, as metadata, the rest with a checksum. */
export async function packCheckpoint(checkpoint: Checkpoint, seed: number, config: string): Promise<Uint8Array> {
  const { step, latents, seconds, endedAttempt } = checkpoint;
  return writeSafetensors(
    { latents: { shape: [latents.length], data: latents } },
    {
      format: FORMAT,
      config,
      seed: String(seed),
      step: String(step),
      seconds: String(seconds),
      ...(endedAttempt !== null && { endedAttempt: String(endedAttempt) }),
      sha256: await sha256(latents),
    },
  );
}

/** @throws Error saying what is wrong: damaged, or of another job or model. */
async function unpackCheckpoint(key: string, bytes: Uint8Array, config: string): Promise<Checkpoint> {
  const { tensors, metadata } = parseSafetensors(key, bytes);
  if (metadata.config !== config) throw new Error(`${key} was taken with another model or for another video`);
  const latents = tensors.get('latents')?.data;
  if (!(latents instanceof Float32Array) || (await sha256(latents)) !== metadata.sha256) {
    throw new Error(`${key} is damaged`);
  }
  const step = Number(metadata.step);
  if (!Number.isSafeInteger(step) || step < 1) throw new Error(`${key} does not say after which step it was taken`);
  return {
    step,
    latents,
    seconds: Number(metadata.seconds),
    endedAttempt: metadata.endedAttempt === undefined ? null : Number(metadata.endedAttempt),
  };
}

/**
 * The newest usable checkpoint of a video. What is listed counts, not only what was heartbeated: the last heartbeat of
 * a worker that was killed may have been lost, or name one that was replaced since.
 */
export async function newestCheckpoint(
  store: ObjectStore,
  videoId: string,
  config: string,
  log: Logger,
): Promise<Checkpoint | null> {
  const found: string[] = [];
  for await (const { key } of store.list(keys.prefix(videoId))) {
    if (/\/checkpoint-\d+\.safetensors$/.test(key)) found.push(key);
  }
  for (const key of found.toReversed()) {
    try {
      const { body } = await store.get(key);
      return await unpackCheckpoint(key, await buffer(body), config);
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

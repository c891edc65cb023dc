import { setTimeout as sleep } from 'node:timers/promises';
import { keys } from '../../storage/keys.ts';
import { type Lease, LeaseLostError } from '../../storage/lease.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Logger } from '../../platform/log/logger.ts';
import type { LatentRgb } from '../../contract/model-profile.ts';
import type { DenoisingProgress } from '../families/mochi/index.ts';
import { encodePreview } from './encode-preview.ts';
import { latentPicture } from './latent-picture.ts';

export interface PreviewKeeperOptions {
  store: ObjectStore;
  videoId: string;
  /** Of the model; without it there are no previews. */
  latentRgb: LatentRgb | undefined;
  /** Seconds between two previews at least; 0 for none. */
  everySeconds: number;
  /** Told of a preview's step once it can be read. */
  onStored: (step: number) => void;
  /** Of the attempt: what lands after its loss or its end is deleted again. */
  lease: Lease;
  log: Logger;
}

/** A store that does not answer must not hold up the end of a job. */
const CLOSE_MS = 1_000;

/** Stores pictures of the steps beside the running ones, one at a time. A failure costs a preview, never a job. */
export class PreviewKeeper {
  readonly #options: PreviewKeeperOptions;
  readonly #closing = new AbortController();
  #takenAt = -Infinity;
  #inFlight: Promise<void> | null = null;

  constructor(options: PreviewKeeperOptions) {
    this.#options = options;
  }

  /** Takes a step, where a preview is due and the one before is stored. Never waits, nor throws. */
  offer(progress: DenoisingProgress): void {
    const { latentRgb, everySeconds } = this.#options;
    const now = performance.now();
    if (latentRgb === undefined || everySeconds === 0 || this.#inFlight || this.#closing.signal.aborted) return;
    if (now - this.#takenAt < everySeconds * 1000) return;
    this.#takenAt = now;
    this.#inFlight = this.#store(progress, latentRgb).finally(() => (this.#inFlight = null));
  }

  /** Takes no more, and gives up what is on its way; the lease deletes it where it lands after the attempt's end. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#inFlight) await Promise.race([this.#inFlight, sleep(CLOSE_MS)]);
  }

  async #store(progress: DenoisingProgress, latentRgb: LatentRgb): Promise<void> {
    const { store, videoId, onStored, lease, log } = this.#options;
    const { signal } = this.#closing;
    const { step } = progress;
    const before = performance.now();
    try {
      const jpeg = await encodePreview(latentPicture(progress, latentRgb), step);
      await lease.put(store, keys.preview(videoId), jpeg, { signal });
      log.debug({ step, bytes: jpeg.length, ms: Math.round(performance.now() - before) }, 'Preview stored');
      if (!signal.aborted) onStored(step);
    } catch (error) {
      if (signal.aborted || error instanceof LeaseLostError) return;
      log.warn({ step, err: error }, 'Preview could not be stored: going on without it');
    }
  }
}

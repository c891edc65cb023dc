import { setTimeout as sleep } from 'node:timers/promises';
import { keys } from '../../storage/keys.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Logger } from '../../platform/log/logger.ts';
import type { LatentRgb } from '../../contract/model-profile.ts';
import type { DenoisingProgress } from '../families/mochi/index.ts';
import { takeBack } from '../checkpoints/delete-if-unchanged.ts';
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
  /** True once another attempt may have taken the job over: what is stored then is taken back. @default never */
  lapsed?: () => boolean;
  log: Logger;
}

/** A store that does not answer must not hold up the end of a job. */
const CLOSE_MS = 1_000;

/** Stores pictures of the steps beside the running ones, one at a time. Whatever fails costs a preview, never a job. */
export class PreviewKeeper {
  readonly #options: PreviewKeeperOptions;
  readonly #closing = new AbortController();
  #takenAt = -Infinity;
  #inFlight: Promise<void> | null = null;
  /** The job goes on without what is on its way, and its files may be deleted before that lands. */
  #leftBehind = false;

  constructor(options: PreviewKeeperOptions) {
    this.#options = options;
  }

  /** Takes what a step has left, where it is time for a preview and the one before is stored. Never waits, nor throws. */
  offer(progress: DenoisingProgress): void {
    const { latentRgb, everySeconds } = this.#options;
    const now = performance.now();
    if (latentRgb === undefined || everySeconds === 0 || this.#inFlight || this.#closing.signal.aborted) return;
    if (now - this.#takenAt < everySeconds * 1000) return;
    this.#takenAt = now;
    this.#inFlight = this.#store(progress, latentRgb).finally(() => (this.#inFlight = null));
  }

  /** Takes no more, and gives up what is on its way: where that lands later it is taken back. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#inFlight) await Promise.race([this.#inFlight, sleep(CLOSE_MS)]);
    this.#leftBehind = true;
  }

  async #store(progress: DenoisingProgress, latentRgb: LatentRgb): Promise<void> {
    const { store, videoId, onStored, lapsed, log } = this.#options;
    const { signal } = this.#closing;
    const { step } = progress;
    const before = performance.now();
    try {
      const jpeg = await encodePreview(latentPicture(progress, latentRgb), step);
      const stored = await store.put(keys.preview(videoId), jpeg, { signal });
      if (this.#leftBehind || lapsed?.()) {
        await takeBack(store, stored);
        return;
      }
      log.debug({ step, bytes: jpeg.length, ms: Math.round(performance.now() - before) }, 'Preview stored');
      if (!signal.aborted) onStored(step);
    } catch (error) {
      if (!signal.aborted) log.warn({ step, err: error }, 'Preview could not be stored: going on without it');
    }
  }
}

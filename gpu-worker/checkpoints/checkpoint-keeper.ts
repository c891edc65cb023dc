import { keys } from '../../storage/keys.ts';
import { type Lease, LeaseLostError } from '../../storage/lease.ts';
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts';
import type { Logger } from '../../platform/log/logger.ts';
import { type Checkpoint, type CheckpointOf, packCheckpoint } from './checkpoint.ts';

export interface KeeperOptions {
  store: ObjectStore;
  videoId: string;
  seed: number;
  of: CheckpointOf;
  /** Seconds of device work between two checkpoints. */
  everySeconds: number;
  /** Steps between two instead. */
  everySteps?: number | undefined;
  /** Where this attempt resumes from. */
  resumed: Checkpoint | null;
  /** Told when one is safely stored; by its return the key must be on its way to the server. */
  onStored: (key: string, step: number, stored: { bytes: number; seconds: number }) => void;
  /** Told when one could not be stored. */
  onFailed?: () => void;
  /** Of the attempt; nothing is stored without it. */
  lease: Lease;
  log: Logger;
}

/** A heartbeat is sent a moment after it is made: the checkpoint before the newest may be the one that counts. */
const KEPT = 2;

/** Stores checkpoints beside the running steps, one at a time, and removes old ones. A store that fails costs no step. */
export class CheckpointKeeper {
  readonly #options: KeeperOptions;
  readonly #stored: string[] = [];
  readonly #closing = new AbortController();
  /** Of the newest one that is stored or on its way. */
  #storedSeconds: number;
  #latest: Checkpoint | null;
  #wanted: Checkpoint | null = null;
  #inFlight: Promise<void> | null = null;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#latest = options.resumed;
    this.#storedSeconds = options.resumed?.seconds ?? 0;
    if (options.resumed) this.#stored.push(keys.checkpoint(options.videoId, options.resumed.step));
  }

  /**
   * Takes the latents of a step, and stores them when a checkpoint is due. Never waits.
   *
   * @param stepSeconds what the step took.
   * @param last the final latents, which are always stored: a crash while decoding must redo no step.
   */
  offer(checkpoint: Checkpoint, stepSeconds: number, last: boolean): void {
    const { everySteps, everySeconds } = this.#options;
    this.#latest = checkpoint;
    const due =
      everySteps === undefined
        ? checkpoint.seconds - this.#storedSeconds + stepSeconds / 2 >= everySeconds
        : checkpoint.step % everySteps === 0;
    if (!due && !last) return;
    this.#wanted = checkpoint;
    this.#inFlight ??= this.#storeWanted();
  }

  /**
   * Stores the newest latents at once, without waiting for a running step, as the last thing that this attempt does.
   *
   * @param signal gives up.
   * @returns what was stored; null where there was nothing, or it failed.
   */
  async flush(signal: AbortSignal): Promise<ObjectInfo | null> {
    await this.close();
    return this.#latest && (await this.#store(this.#latest, signal));
  }

  /** Takes no more, and abandons what is not stored yet: nothing is written after this. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#inFlight;
  }

  async #storeWanted(): Promise<void> {
    while (this.#wanted && !this.#closing.signal.aborted) {
      const checkpoint = this.#wanted;
      this.#wanted = null;
      await this.#store(checkpoint, this.#closing.signal);
    }
    this.#inFlight = null;
  }

  async #store(checkpoint: Checkpoint, signal: AbortSignal): Promise<ObjectInfo | null> {
    const { store, videoId, seed, of, onStored, onFailed, lease, log } = this.#options;
    const { step, seconds } = checkpoint;
    const key = keys.checkpoint(videoId, step);
    const before = performance.now();
    const storedSeconds = this.#storedSeconds;
    this.#storedSeconds = seconds;
    try {
      const stored = await lease.put(store, key, await packCheckpoint(checkpoint, seed, of), { signal });
      const { bytes } = stored;
      const storeMs = performance.now() - before;
      log.info({ step, bytes, storeMs: Math.round(storeMs) }, 'Checkpoint stored');
      if (this.#stored.at(-1) !== key) this.#stored.push(key);
      onStored(key, step, { bytes, seconds: storeMs / 1000 });
      while (this.#stored.length > KEPT) await store.delete(this.#stored.shift()!);
      return stored;
    } catch (error) {
      this.#storedSeconds = storedSeconds;
      if (signal.aborted || error instanceof LeaseLostError) return null;
      onFailed?.();
      log.warn({ step, err: error }, 'Checkpoint could not be stored: going on without it');
      return null;
    }
  }
}

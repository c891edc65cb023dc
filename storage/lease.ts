import type { Readable } from 'node:stream';
import type { ObjectInfo, ObjectStore, PutOptions } from './object-store.ts';

/** Another attempt may have begun, and ended: nothing may be written for the job any more. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';

  constructor() {
    super('The process stood still for so long that the job was given to another');
  }
}

/**
 * The right of one attempt at a job to write the job's files, kept by heartbeats. It goes by the wall clock, which runs on
 * while a process or its machine stands still, and reads it at each use. Once lost it stays lost.
 */
export class Lease {
  readonly #timeoutMs: number;
  readonly #lost = new AbortController();
  #renewedAt: number;

  /**
   * @param timeoutMs without a heartbeat after which Temporal gives the job to another attempt. @default never
   * @param renewedAt when the timeout began to run, in ms since 1970. @default now
   */
  constructor(timeoutMs = Infinity, renewedAt: number = Date.now()) {
    this.#timeoutMs = timeoutMs;
    this.#renewedAt = renewedAt;
  }

  get held(): boolean {
    if (Date.now() - this.#renewedAt > this.#timeoutMs) this.release();
    return !this.#lost.signal.aborted;
  }

  /** Aborts when the loss is noticed, with {@link LeaseLostError}. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** @throws LeaseLostError */
  assertHeld(): void {
    if (!this.held) throw new LeaseLostError();
  }

  /**
   * Begins the timeout anew, as a heartbeat is sent.
   *
   * @returns false where the lease is lost: no heartbeat brings it back
   */
  renew(): boolean {
    if (!this.held) return false;
    this.#renewedAt = Date.now();
    return true;
  }

  /** Gives the lease up, at the end of the attempt. */
  release(): void {
    this.#lost.abort(new LeaseLostError());
  }

  /**
   * Writes an object while the lease is held. What is there only after the loss is deleted again, for the job's clean-up
   * may be over.
   *
   * @throws LeaseLostError where nothing was written, or it was deleted again; errors of the store
   */
  async put(store: ObjectStore, key: string, body: Uint8Array | Readable, options?: PutOptions): Promise<ObjectInfo> {
    this.assertHeld();
    const stored = await store.put(key, body, options);
    if (!this.held) await deleteIfUnchanged(store, stored);
    this.assertHeld();
    return stored;
  }
}

/** Deletes an object, unless it was written anew since. */
export async function deleteIfUnchanged(store: ObjectStore, { key, etag }: ObjectInfo): Promise<void> {
  if ((await store.head(key))?.etag === etag) await store.delete(key);
}

import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../platform/log/logger.ts';
import { ObjectNotFoundError, type ObjectStore } from './object-store.ts';

/** Between two tries to write a record. */
const RETRY_MS = 10_000;

/** By address: what comes there after a worker that was killed writes over its record. */
const keyOf = (url: string) => `workers/${createHash('sha256').update(url).digest('hex').slice(0, 32)}`;

/**
 * Records in the scratch store that a worker of this name is at this address. A client of Temporal can take any name, but
 * only the service's own processes can write to its store.
 *
 * Goes on trying where the store does not take it.
 *
 * @param url `http://address:port` of its health port
 * @returns takes it back
 */
export function recordWorker(store: ObjectStore, identity: string, url: string, log: Logger): () => Promise<void> {
  const ending = new AbortController();
  const writing = (async () => {
    while (!ending.signal.aborted) {
      try {
        await store.put(keyOf(url), Buffer.from(identity), { contentType: 'text/plain' });
        return;
      } catch (error) {
        log.warn(
          { err: error },
          'The worker could not be recorded in the scratch store; the API does not ask it how it is',
        );
        await sleep(RETRY_MS, undefined, { signal: ending.signal, ref: false }).catch(() => {});
      }
    }
  })();
  return async () => {
    ending.abort();
    await writing;
    await store.delete(keyOf(url)).catch(() => {});
  };
}

/** Whether a worker of this name has recorded that it is at this address. */
export async function isRecorded(store: ObjectStore, identity: string, url: string): Promise<boolean> {
  try {
    const { info, body } = await store.get(keyOf(url));
    if (info.bytes !== Buffer.byteLength(identity)) {
      body.destroy();
      return false;
    }
    return (await text(body)) === identity;
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return false;
    throw error;
  }
}

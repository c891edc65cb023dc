import { ExponentialBackoff, handleWhen, noJitterGenerator, retry } from 'cockatiel';
import { untilAborted } from './deadline.ts';

/** Waits between tries, in ms: a server that comes up beside us is found at once, one that is down is not hammered. */
export const BACKOFF = { initialDelay: 200, maxDelay: 5_000 };
/** A server that starts beside us takes a second or two, which is not worth a warning. */
const QUIET_MS = 3_000;

export interface WaitOptions {
  /** Whether waiting may help; other errors are thrown at once. */
  isPassing: (error: Error) => boolean;
  /** Called after three seconds, and then no more often than every `warnEveryMs`. */
  warn: (error: Error, waitedS: number) => void | Promise<void>;
  warnEveryMs: number;
  /** Gives up waiting, and leaves `work` to itself. */
  signal?: AbortSignal;
}

/**
 * Does `work` until it succeeds, as a process does at its start with a server that may still be starting.
 *
 * @throws what is not passing, and the signal's reason
 */
export async function untilAvailable<T>(work: () => Promise<T>, options: WaitOptions): Promise<T> {
  const { isPassing, warn, warnEveryMs, signal } = options;
  const since = Date.now();
  let warnAt = since + QUIET_MS;
  const attempt = async () => {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!signal?.aborted && isPassing(error as Error) && Date.now() > warnAt) {
        warnAt = Date.now() + warnEveryMs;
        await warn(error as Error, Math.round((Date.now() - since) / 1000));
      }
      throw error;
    }
  };
  const backoff = new ExponentialBackoff({ ...BACKOFF, generator: noJitterGenerator });
  const trying = retry(handleWhen(isPassing), { maxAttempts: Infinity, backoff }).execute(attempt, signal);
  // The library's own waits do not end with the signal.
  return await (signal ? untilAborted(signal, trying) : trying);
}

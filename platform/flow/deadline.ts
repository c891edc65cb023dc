/**
 * Waits for `work`, but no longer than `ms`; what it does later is ignored.
 *
 * @throws what `late` makes, where the time is up
 */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as it is aborted. */
export async function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let abort!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * A signal that comes with the first of others, or else after a time, which keeps no process alive. Not `AbortSignal.any` over
 * an `AbortSignal.timeout`: nothing holds that one, and once Node has collected it, the time never ends.
 *
 * @param ms after which it comes, with a `TimeoutError`
 */
export function timeLimit(ms: number, ...signals: readonly AbortSignal[]): AbortSignal {
  const late = new AbortController();
  const error = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  setTimeout(() => late.abort(error()), ms).unref();
  return AbortSignal.any([late.signal, ...signals]);
}

import type { Wait } from './backoff.ts';

/** The page comes back into view, or the browser to its network: what was put off is worth a try now. */
const WAKING: [EventTarget, string][] = [
  [document, 'visibilitychange'],
  [window, 'focus'],
  [window, 'online'],
];

/**
 * Waits; a tab that comes back, or is online again, goes on at once.
 *
 * @param wait in ms, Infinity for that alone; or with a part of it that has to be waited for in any case
 * @throws the signal's reason
 */
export function pause(wait: number | Wait, signal: AbortSignal): Promise<void> {
  const { ms, leastMs } = typeof wait === 'number' ? { ms: wait, leastMs: 0 } : wait;
  const earliest = performance.now() + leastMs;
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearTimeout(timer);
      for (const [target, event] of WAKING) target.removeEventListener(event, wake);
      signal.removeEventListener('abort', stop);
    };
    const goOn = () => {
      finish();
      resolve();
    };
    const wake = () => {
      if (document.hidden) return;
      clearTimeout(timer);
      timer = setTimeout(goOn, Math.max(0, earliest - performance.now()));
    };
    const stop = () => {
      finish();
      reject(signal.reason as Error);
    };
    let timer = Number.isFinite(ms) ? setTimeout(goOn, ms) : undefined;
    for (const [target, event] of WAKING) target.addEventListener(event, wake);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
}

import type { Wait } from './backoff.ts';

/** After these a retry is likely to succeed, or its result is visible. */
const WAKING: [EventTarget, string][] = [
  [document, 'visibilitychange'],
  [window, 'focus'],
  [window, 'online'],
];

/**
 * Waits. A tab that becomes visible, focused or online ends the wait.
 *
 * @param wait in ms, Infinity for such an event alone; or with a part that no event cuts short
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

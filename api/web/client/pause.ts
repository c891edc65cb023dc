/**
 * Waits; a tab that comes back into view goes on at once.
 *
 * @param ms null waits for that alone
 * @throws the signal's reason
 */
export function pause(ms: number | null, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', wake);
      signal.removeEventListener('abort', stop);
    };
    const goOn = () => {
      finish();
      resolve();
    };
    const wake = () => {
      if (!document.hidden) goOn();
    };
    const stop = () => {
      finish();
      reject(signal.reason as Error);
    };
    const timer = ms === null ? undefined : setTimeout(goOn, ms);
    document.addEventListener('visibilitychange', wake);
    signal.addEventListener('abort', stop);
  });
}

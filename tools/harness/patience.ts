import { setTimeout as sleep } from 'node:timers/promises';

/** How long a test waits for what has to come, in ms: a machine with ten times as much to do as cores is slow, not broken. */
export const PATIENCE_MS = 180_000;

/** Between two looks, in ms: the first, the longest, and how each grows out of the one before. */
const FIRST_MS = 50;
const LONGEST_MS = 500;
const GROWTH = 1.25;

/**
 * Pauses between two looks at what has to come, longer and longer ones: who waits for long leaves the machine to others.
 *
 * @returns waits for the next one
 */
export function pauses(): () => Promise<void> {
  let ms = FIRST_MS;
  return () => {
    const now = ms;
    ms = Math.min(GROWTH * ms, LONGEST_MS);
    return sleep(now);
  };
}

/**
 * Waits until something is so.
 *
 * @param holds looked at after {@link pauses}; anything but false, null, 0 and the like is so
 * @param what for the error. @default the source of `holds`
 * @throws after {@link PATIENCE_MS}
 */
export async function until(holds: () => unknown, what = String(holds)): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); !(await holds()); await pause()) {
    if (Date.now() > end) throw new Error(`not so after ${PATIENCE_MS / 1000} s: ${what}`);
  }
}

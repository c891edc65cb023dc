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

import type { GenerateHeartbeat } from '../workflows/contract.ts';

/** Attempts in a row that may end without a word before the job is given up as the cause. */
export const MAX_CRASHES = 3;

/**
 * Attempts in a row, up to the one before this, that ended without a word: killed with their worker, or never heard of.
 * An attempt that ended in an orderly way begins the count anew.
 *
 * @param attempt the one that begins now, from 1.
 * @param previous the last heartbeat of the attempts before; null where none of them sent one.
 */
export function crashesBefore(attempt: number, previous: GenerateHeartbeat | null): number {
  if (previous === null) return attempt - 1;
  // An operator's reset numbers the attempts afresh.
  if (previous.attempt >= attempt) return 0;
  const unheard = attempt - previous.attempt - 1;
  return previous.crashes + (previous.clean ? 0 : 1) + unheard;
}

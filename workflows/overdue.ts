import { CancellationScope, sleep } from '@temporalio/workflow';

/**
 * Tells once, where work goes on for longer than it may without anybody looking at it.
 *
 * @param at unix seconds; never where left out
 * @returns to be called when the work has ended
 */
export function whenOverdue(at: number | undefined, tell: () => void): () => void {
  const wait = new CancellationScope();
  if (at !== undefined) {
    wait.run(() => sleep(Math.max(1, at * 1000 - Date.now()))).then(tell, () => {});
  }
  return () => wait.cancel();
}

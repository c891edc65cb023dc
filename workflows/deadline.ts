import { CancellationScope, sleep } from '@temporalio/workflow';

export interface Deadline {
  /** It was what stopped the work. */
  readonly passed: boolean;
  /** The work has ended, so it stops nothing any more. */
  end(): void;
}

/**
 * Stops work at a time.
 *
 * @param at unix seconds; never where left out
 */
export function stopAt(work: CancellationScope, at: number | undefined): Deadline {
  const deadline = { passed: false, end: callAt(at, stop) };
  function stop(): void {
    if (work.consideredCancelled) return;
    deadline.passed = true;
    work.cancel();
  }
  return deadline;
}

/**
 * Calls a function once at a time.
 *
 * @param at unix seconds; never where left out
 * @returns cancels the call
 */
export function callAt(at: number | undefined, call: () => void): () => void {
  const wait = new CancellationScope();
  if (at !== undefined) {
    wait.run(() => sleep(Math.max(1, at * 1000 - Date.now()))).then(call, () => {});
  }
  return () => wait.cancel();
}

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
  const wait = new CancellationScope();
  const deadline = { passed: false, end: () => wait.cancel() };
  if (at !== undefined) {
    const time = wait.run(() => sleep(Math.max(1, at * 1000 - Date.now())));
    time.then(
      () => {
        if (work.consideredCancelled) return;
        deadline.passed = true;
        work.cancel();
      },
      () => {},
    );
  }
  return deadline;
}

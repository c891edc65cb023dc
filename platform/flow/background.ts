import { setTimeout as sleep } from 'node:timers/promises';

/** Wait after a failure: what failed mostly waits for Temporal, and is to be there soon after it. */
const RETRY_MS = 1_000;

/** Runs `work` now and every `ms` until the signal, and again soon where it fails; errors are its own business. */
export async function inBackground(work: () => Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const done = await work().then(
      () => true,
      () => false,
    );
    await sleep(done ? ms : Math.min(ms, RETRY_MS), undefined, { signal, ref: false }).catch(() => {});
  }
}

import { setTimeout as sleep } from 'node:timers/promises';

/** Wait after a failure, which is mostly an outage of Temporal: the work is to be done soon after that ends. */
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

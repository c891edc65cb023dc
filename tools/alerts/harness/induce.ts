import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import { AN_HOUR_IN_A_MINUTE } from './hurried.ts';
import type { AlertHarness } from './harness.ts';
import { Prometheus, type PrometheusOptions } from './prometheus.ts';

/** What a fault has fired. */
export interface Outcome {
  /** Seconds from the fault's beginning; null where its alert has not fired. */
  afterS: number | null;
  /** All other alerts that have fired from before the fault until well after its alert. */
  others: string[];
}

/** By then the rules have been applied to what has just been seen. */
const RULES_MS = 2_500;
/** Before the fault nothing may fire; after its alert no other. */
const WELL_MS = 3_000;
const STEADY_MS = 6_000;
const LIMIT_MS = 90_000;
const POLL_MS = 250;

/**
 * Lets a fault happen under a new Prometheus, which knows nothing of those before, and makes it well again.
 *
 * @returns null where this machine cannot have it
 */
export async function induce(
  fault: Fault,
  harness: AlertHarness,
  programs: PrometheusOptions['programs'],
): Promise<Outcome | null> {
  const prometheus = await Prometheus.start({
    programs,
    folder: await mkdtemp(join(harness.stack.folder, 'prometheus-')),
    targets: harness.targets,
    pace: fault.pace ?? AN_HOUR_IN_A_MINUTE,
    every: fault.every,
    past: fault.past,
  });
  const firstSeen = new Map<string, number>();
  let over = false;
  const watch = async () => {
    for (; !over; await sleep(POLL_MS)) {
      for (const alert of (await prometheus.firing()) ?? []) {
        if (!firstSeen.has(alert)) firstSeen.set(alert, Date.now());
      }
    }
  };
  const watching = watch();
  watching.catch(() => {});
  let end: Awaited<ReturnType<Fault['begin']>> = null;
  try {
    // What it has not seen yet looks like what is not there.
    while ((await prometheus.targetsUp()) < harness.stack.metrics.size) await sleep(POLL_MS);
    await sleep(RULES_MS);
    while ((await prometheus.firing())?.length !== 0) await sleep(POLL_MS);
    firstSeen.clear();
    await sleep(WELL_MS);
    const begun = Date.now();
    end = await fault.begin(harness);
    if (end === null) return null;
    const limit = Date.now() + LIMIT_MS;
    while (!firstSeen.has(fault.alert) && Date.now() < limit) await sleep(POLL_MS);
    await sleep(STEADY_MS);
    const at = firstSeen.get(fault.alert);
    const others = [...firstSeen.keys()].filter((alert) => alert !== fault.alert);
    return { afterS: at === undefined ? null : (at - begun) / 1000, others };
  } finally {
    over = true;
    // Also where it could not be watched: the next fault begins with a service that is well.
    await end?.();
    await harness.quiet();
    await watching.catch(() => {});
    await prometheus.stop();
  }
}

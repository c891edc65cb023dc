import { setTimeout as sleep } from 'node:timers/promises';
import type { GpuWorkerOptions, ServiceSide } from './side.ts';
import { submit } from './exercise.ts';
import { noted } from './notes.ts';

/** Long enough to be interrupted in its middle. */
const STUB_MS = 1000;
const POLL_MS = 100;

export interface Killed<S> {
  /** Of the jobs that were at work when their worker was killed: seconds until each was done; null where it was not in time. */
  seconds: (number | null)[];
  /** Those that were not. */
  late: string[];
  side: S;
}

/**
 * Kills a side's GPU worker (`kill -9`) in the middle of that many jobs, starts another at once, and waits.
 *
 * @param patienceS how long a job may take from the kill on
 */
export async function killAmid<S extends ServiceSide>(side: S, jobs: number, patienceS: number): Promise<Killed<S>> {
  const options: GpuWorkerOptions = { stubMs: STUB_MS, atOnce: jobs };
  await side.killGpuWorker();
  await side.startGpuWorker(options);
  const ids = await Promise.all(Array.from({ length: jobs }, () => submit(side)));
  while ((await among(side, ids, 'started')).length < jobs) await sleep(POLL_MS / 10);
  const killedAt = Date.now();
  await side.killGpuWorker();
  await side.startGpuWorker(options);
  const times = await untilDone(side, ids, killedAt + patienceS * 1000);
  const doneAt = ids.map((id) => times.get(id));
  return {
    seconds: doneAt.map((at) => (at === undefined ? null : (at - killedAt) / 1000)),
    late: ids.filter((id) => !times.has(id)),
    side,
  };
}

/** Waits until jobs are done, or it is too late; when they were. */
export async function untilDone(side: ServiceSide, ids: readonly string[], end: number): Promise<Map<string, number>> {
  for (;;) {
    const done = await noted(side.notes, 'done');
    if (Date.now() > end || ids.every((id) => done.has(id))) return done;
    await sleep(POLL_MS);
  }
}

async function among(side: ServiceSide, ids: readonly string[], what: 'started'): Promise<string[]> {
  const times = await noted(side.notes, what);
  return ids.filter((id) => times.has(id));
}

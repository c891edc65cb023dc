import { setTimeout as sleep } from 'node:timers/promises';
import { treeSeconds } from '../../harness/measure/cpu-time.ts';
import { spreadOf } from '../../harness/measure/spread.ts';
import type { ServiceSide } from './side.ts';
import { type Noted, noted } from './notes.ts';

/** Clients that submit at the same time. */
const CLIENTS = 8;
const PATIENCE_MS = 120_000;

/** What a side does with a batch of jobs. */
export interface Throughput {
  submitsPerSecond: number;
  jobsPerSecond: number;
  /** Of all its processes, for each job: its submission, its way to the end, and one read of it. */
  cpuMsPerJob: number;
}

/** Submits jobs as fast as they are taken, and waits until nothing is left to be done for any of them. */
export async function throughput(side: ServiceSide, jobs: number): Promise<Throughput> {
  const cpuBegin = await cpuOf(side);
  const begin = Date.now();
  const ids: string[] = [];
  const client = async () => {
    while (ids.length < jobs) {
      // Counted before it is sent, so that the clients together send as many as were asked for.
      const index = ids.push('') - 1;
      ids[index] = await submit(side);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const submitted = Date.now();
  const done = await allNoted(side, 'done', ids);
  for (const id of ids) await completed(side, id);
  return {
    submitsPerSecond: (1000 * jobs) / (submitted - begin),
    jobsPerSecond: (1000 * jobs) / (Math.max(...done) - begin),
    cpuMsPerJob: (1000 * ((await cpuOf(side)) - cpuBegin)) / jobs,
  };
}

/** From the request to the moment at which the model would begin, one job after the other; the median, in ms. */
export async function submitToStart(side: ServiceSide, jobs: number): Promise<number> {
  const times: number[] = [];
  for (let job = 0; job < jobs; job++) {
    const begin = Date.now();
    const id = await submit(side);
    const [started] = await allNoted(side, 'started', [id]);
    times.push(started! - begin);
    await completed(side, id);
  }
  return spreadOf(times).median;
}

/** @returns the job's id */
export async function submit(side: ServiceSide): Promise<string> {
  const response = await fetch(`${side.url}/v1/videos`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a red circle moving left on a white background' }),
  });
  if (!response.ok) throw new Error(`POST ${side.url}/v1/videos: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** Waits until the service says that a job is completed. @throws Error where that takes too long */
async function completed(side: ServiceSide, id: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) {
    const response = await fetch(`${side.url}/v1/videos/${id}`);
    const { status } = (await response.json()) as { status?: string };
    if (status === 'completed') return;
  }
  throw new Error(`${side.url}: ${id} was not completed`);
}

/** Waits until all jobs were noted as that; when they were. @throws Error where that takes too long */
async function allNoted(side: ServiceSide, what: Noted, ids: readonly string[]): Promise<number[]> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) {
    const times = await noted(side.notes, what);
    if (ids.every((id) => times.has(id))) return ids.map((id) => times.get(id)!);
  }
  throw new Error(`${side.url}: not all of ${ids.length} jobs were ${what}`);
}

async function cpuOf(side: ServiceSide): Promise<number> {
  return (await Promise.all(side.pids().map(treeSeconds))).reduce((sum, seconds) => sum + seconds, 0);
}

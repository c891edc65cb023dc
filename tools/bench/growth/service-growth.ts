import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holdings } from '../../harness/measure/process-tree.ts';
import { submit } from '../queue/exercise.ts';
import type { KinoraSide } from '../queue/kinora-side.ts';
import { type Noted, noted } from '../queue/notes.ts';
import type { Plot, Series } from '../measure/plot.ts';
import { spreadOf } from '../../harness/measure/spread.ts';

const CLIENTS = 8;
const POLL_MS = 500;
/** Requests of each kind at each size, one after the other. */
const REQUESTS = 20;

/** What a service with that many videos does. */
export interface ServicePoint {
  videos: number;
  /** Medians, in ms. */
  postMs: number;
  getMs: number;
  listMs: number;
  /** In MiB. */
  apiMb: number;
  temporalMb: number;
  databaseMb: number;
  /** As the API says of the video that came last; null unless it waits. */
  lastPosition: number | null;
}

export interface ServiceGrowth {
  points: ServicePoint[];
  /** From the first submission to the last measurement. */
  seconds: number;
}

/**
 * Fills a service step by step, and measures it at each.
 *
 * @param folder that the side was started in
 * @param sizes videos at each step
 * @param what has become of a video when it counts
 * @param budgetS nothing more is submitted after that, and what was is waited for a quarter as long again; the last step
 *   may be smaller
 */
export async function fill(
  side: KinoraSide,
  folder: string,
  { sizes, what, budgetS }: { sizes: readonly number[]; what: Noted; budgetS: number },
): Promise<ServiceGrowth> {
  const begin = Date.now();
  const end = begin + budgetS * 1000;
  const ids: string[] = [];
  const points: ServicePoint[] = [];
  for (const size of sizes) {
    if (Date.now() > end) break;
    const client = async () => {
      for (let mine = sent++; mine < size && Date.now() < end; mine = sent++) ids.push(await submit(side));
    };
    let sent = ids.length;
    await Promise.all(Array.from({ length: CLIENTS }, client));
    const settled = await untilNoted(side, what, ids, Math.max(end, Date.now() + (budgetS * 1000) / 4));
    // None has come so far: there is nothing to be measured.
    if (settled.length === 0) break;
    const behind = settled.length < ids.length;
    points.push(await measure(side, folder, settled, ids));
    if (behind) break;
  }
  return { points, seconds: (Date.now() - begin) / 1000 };
}

/** The videos of which that was noted, once it is all of them or it is too late. */
async function untilNoted(side: KinoraSide, what: Noted, ids: readonly string[], end: number): Promise<string[]> {
  for (;;) {
    const times = await noted(side.notes, what);
    const settled = ids.filter((id) => times.has(id));
    if (settled.length === ids.length || Date.now() > end) return settled;
    await sleep(POLL_MS);
  }
}

/**
 * @param ids of the videos that count
 * @param all videos; those that it submits are added
 */
async function measure(side: KinoraSide, folder: string, ids: readonly string[], all: string[]): Promise<ServicePoint> {
  const videos = ids.length;
  const asked = (path: string) => async () => {
    const response = await fetch(`${side.url}/v1/videos${path}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    return response.json();
  };
  // Each another one, from the whole of them: nothing that the API remembers helps.
  const read = (i: number) => asked(`/${ids[Math.floor((i * videos) / REQUESTS)]}`)();
  const getMs = await medianMs(read);
  const listMs = await medianMs(asked('?limit=20'));
  const { queue_position: lastPosition } = (await asked(`/${ids.at(-1)}`)()) as { queue_position: number | null };
  const memory = await Promise.all([holdings(side.api.pid), holdings(side.temporal.pid)]);
  const postMs = await medianMs(async () => all.push(await submit(side)));
  const files = ['temporal.db', 'temporal.db-wal'].map((name) =>
    stat(join(folder, name)).then(
      (s) => s.size,
      () => 0,
    ),
  );
  const bytes = (await Promise.all(files)).reduce((sum, size) => sum + size, 0);
  const [apiMb, temporalMb] = memory.map((held) => held!.rssMb) as [number, number];
  return { videos, postMs, getMs, listMs, apiMb, temporalMb, databaseMb: bytes / 2 ** 20, lastPosition };
}

async function medianMs(ask: (i: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < REQUESTS; i++) {
    const begin = performance.now();
    await ask(i);
    times.push(performance.now() - begin);
  }
  return spreadOf(times).median;
}

/** Latencies on the left, memory on the right, against the number of videos. */
export function servicePlot(plot: Pick<Plot, 'id' | 'title' | 'x'>, points: readonly ServicePoint[]): Plot {
  const series = (name: string, key: keyof Omit<ServicePoint, 'lastPosition'>): Series => ({
    name,
    points: points.map((point) => [point.videos, point[key]]),
  });
  return {
    ...plot,
    scale: 'log',
    panels: [
      { unit: 'ms', series: [series('submit', 'postMs'), series('read', 'getMs'), series('list 20', 'listMs')] },
      {
        unit: 'MiB',
        series: [series('API', 'apiMb'), series('Temporal', 'temporalMb'), series('its database', 'databaseMb')],
      },
    ],
  };
}

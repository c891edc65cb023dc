import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Video, VideoList } from '../../api/jobs/video-schema.ts';
import { stolenSeconds } from '../harness/measure/cpu-time.ts';
import type { LoadClientInput, LoadClientReport } from './client.ts';

/** How an API is loaded. */
export interface Load {
  /** Videos that are looked at. */
  videos: number;
  /** Looks a second at each. */
  hz: number;
  /** How long it is looked. */
  seconds: number;
  /** Videos that are asked for at the same moment, while the others are looked at. */
  burst: number;
}

/** Times in ms. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export interface LoadReport {
  requests: number;
  /** How often each status came, `503 without retry-after` among them; `none` where the connection broke. */
  statuses: Record<string, number>;
  /** Of `GET /v1/videos/{id}`. */
  looksMs: Percentiles;
  /** Of the burst's `POST /v1/videos`, with the waits that clients were told of. */
  submissionsMs: Percentiles;
  /** Of `GET /v1/models`, which needs nothing but the process: tells a slow API from a busy machine. */
  idleMs: Percentiles;
  /** CPU seconds that the machine beneath a virtual one gave to others meanwhile: its cores were not there to answer. */
  stolenS: number;
  /** Submissions of the burst that were answered with a video. */
  submitted: number;
  /** Of these, those that the list does not have. */
  lost: number;
  /** Videos of the burst that the list has, less the submissions. */
  doubled: number;
}

/** A video that has just been started may be listed a moment late; one that is not by then is lost. */
const LISTED_WITHIN_MS = 20_000;

/**
 * Loads an API that asks for no key, from a thread of its own, and takes stock. The videos stay there.
 *
 * @param url `http://host:port`
 */
export async function loadApi(url: string, { videos, hz, seconds, burst }: Load): Promise<LoadReport> {
  const name = randomUUID();
  const ids = await Promise.all(Array.from({ length: videos }, (_, i) => create(url, `looked at ${i} ${name}`)));
  const prompts = Array.from({ length: burst }, (_, i) => `of the burst ${i} ${name}`);
  const stolenBefore = await stolenSeconds();
  // On other machines: polls do not wait for submissions.
  const [looking, submitting] = await Promise.all([
    loadFrom({ url, ids, hz, seconds, burst: [] }),
    loadFrom({ url, ids: [], hz, seconds, burst: prompts }),
  ]);
  const stolenS = Math.round(((await stolenSeconds()) - stolenBefore) * 100) / 100;
  const { submitted } = submitting;
  const statuses = added(looking.statuses, submitting.statuses);

  const missing = (listed: Video[]) => {
    const known = new Set(listed.map(({ id, prompt }) => `${id} ${prompt}`));
    return submitted.filter(([prompt, id]) => !known.has(`${id} ${prompt}`)).length;
  };
  let listed: Video[];
  const end = Date.now() + LISTED_WITHIN_MS;
  do {
    await sleep(1000);
    listed = (await list(url)).filter(({ prompt }) => prompts.includes(prompt));
  } while (missing(listed) > 0 && Date.now() < end);
  return {
    requests: Object.values(statuses).reduce((sum, count) => sum + count, 0),
    statuses,
    looksMs: percentiles(looking.looksMs),
    submissionsMs: percentiles(submitting.submissionsMs),
    idleMs: percentiles(looking.idleMs),
    stolenS,
    submitted: submitted.length,
    lost: missing(listed),
    doubled: listed.length - new Set(listed.map(({ prompt }) => prompt)).size,
  };
}

async function create(url: string, prompt: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify({ prompt }) };
  return (await askPatiently<Video>(`${url}/v1/videos`, request)).id;
}

async function list(url: string): Promise<Video[]> {
  const all: Video[] = [];
  for (let after = ''; ;) {
    const page = await askPatiently<VideoList>(`${url}/v1/videos?limit=100&after=${after}`);
    all.push(...page.data);
    if (!page.has_more) return all;
    after = page.last_id!;
  }
}

/** What is answered, by an API that may ask to come again first. */
async function askPatiently<T>(url: string, request: RequestInit = {}): Promise<T> {
  for (const end = Date.now() + 60_000; ;) {
    const response = await fetch(url, request);
    if (response.ok) return (await response.json()) as T;
    const said = `${url}: HTTP ${response.status} ${await response.text()}`;
    const later = response.headers.get('retry-after');
    if (response.status !== 503 || later === null || Date.now() > end) throw new Error(said);
    await sleep(Number(later) * 1000);
  }
}

const loadFrom = (input: LoadClientInput): Promise<LoadClientReport> =>
  new Promise((resolve, reject) => {
    const client = new Worker(new URL('client.js', import.meta.url), { workerData: input });
    client.once('message', resolve).once('error', reject);
  });

function added(counts: Record<string, number>, others: Record<string, number>): Record<string, number> {
  const all = { ...counts };
  for (const [name, count] of Object.entries(others)) all[name] = (all[name] ?? 0) + count;
  return all;
}

function percentiles(times: number[]): Percentiles {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

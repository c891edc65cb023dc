/** A worker thread that looks or submits: its event loop has nothing else to do, so that what it measures is the API. */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

export interface LoadClientInput {
  /** `http://host:port` of the API. */
  url: string;
  /** Videos that are looked at. */
  ids: string[];
  /** Looks a second at each. */
  hz: number;
  /** How long. */
  seconds: number;
  /** Prompts of the videos that are asked for at once, a second after the first looks. */
  burst: string[];
}

export interface LoadClientReport {
  /** Of every look, until it was answered, in ms. */
  looksMs: number[];
  /** Of every submission, in ms. */
  submissionsMs: number[];
  /** Of requests that need neither Temporal nor a store, as often as one video is looked at, in ms. */
  idleMs: number[];
  /** How often each status came, `503 without retry-after` among them; `none` where the connection broke. */
  statuses: Record<string, number>;
  /** Prompts of the burst that a video came back for, with its id. */
  submitted: [prompt: string, id: string][];
}

interface Answer {
  status: number | string;
  /** What it says about when to come again, in seconds. */
  retryAfterS: number | null;
  body: string;
  ms: number;
}

const { url, ids, hz, seconds, burst } = workerData as LoadClientInput;
const report: LoadClientReport = { looksMs: [], submissionsMs: [], idleMs: [], statuses: {}, submitted: [] };

/** How long a client comes again. */
const PATIENCE_MS = 180_000;

/** Asks until there is an answer: a client that is told to come later does so, with the same request. */
async function askPatiently(...question: Parameters<typeof ask>): Promise<Answer> {
  const startedAt = performance.now();
  for (;;) {
    const answer = await ask(...question);
    const ms = performance.now() - startedAt;
    if ((answer.status !== 503 && answer.status !== 429) || answer.retryAfterS === null || ms > PATIENCE_MS) {
      return { ...answer, ms };
    }
    await sleep(answer.retryAfterS * 1000);
  }
}

async function ask(
  agent: Agent,
  method: 'GET' | 'POST',
  path: string,
  fields?: object,
  idempotencyKey = '',
): Promise<Answer> {
  const startedAt = performance.now();
  const answer = await new Promise<Omit<Answer, 'ms'>>((resolve) => {
    const headers = fields && { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    const sent = request(`${url}${path}`, { method, agent, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      const after = response.headers['retry-after'];
      const status = response.statusCode === 503 && !after ? '503 without retry-after' : response.statusCode!;
      response.once('end', () => resolve({ status, retryAfterS: after ? Number(after) : null, body }));
    });
    sent.once('error', ({ message }) => resolve({ status: 'none', retryAfterS: null, body: message }));
    sent.end(fields && JSON.stringify(fields));
  });
  report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1;
  return { ...answer, ms: performance.now() - startedAt };
}

/**
 * A client with a connection of its own, which looks as often as it should, whether it was answered in time or not; only when
 * it is a second behind it waits.
 */
async function poll(path: string, phase: number, times: number[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const looks: Promise<void>[] = [];
  const startedAt = performance.now() + (phase * 1000) / hz;
  for (let i = 0; i < seconds * hz; i++) {
    await sleep(Math.max(0, startedAt + (i * 1000) / hz - performance.now()));
    await looks[i - hz];
    looks.push(askPatiently(agent, 'GET', path).then(({ ms }) => void times.push(ms)));
  }
  await Promise.all(looks);
  agent.destroy();
}

/** A client that wants one video. */
async function submit(prompt: string): Promise<void> {
  const { status, body, ms } = await askPatiently(new Agent(), 'POST', '/v1/videos', { prompt }, randomUUID());
  report.submissionsMs.push(ms);
  if (status === 200) report.submitted.push([prompt, (JSON.parse(body) as { id: string }).id]);
}

if (burst.length > 0) {
  await sleep(1000);
  await Promise.all(burst.map(submit));
} else {
  const looks = ids.map((id, i) => poll(`/v1/videos/${id}`, i / ids.length, report.looksMs));
  await Promise.all([poll('/v1/models', 0, report.idleMs), ...looks]);
}
parentPort!.postMessage(report);

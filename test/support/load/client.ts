/** A worker thread that looks or submits: its event loop has nothing else to do, so that what it measures is the API. */
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
  /** Of every look, in ms. */
  looksMs: number[];
  /** Of every submission, in ms. */
  submissionsMs: number[];
  /** Of requests that need neither Temporal nor a store, as often as one video is looked at, in ms. */
  idleMs: number[];
  /** How often each status came; `none` where the connection broke. */
  statuses: Record<string, number>;
  /** Prompts of the burst that a video came back for, with its id. */
  submitted: [prompt: string, id: string][];
}

interface Answer {
  status: number | 'none';
  body: string;
  ms: number;
}

const { url, ids, hz, seconds, burst } = workerData as LoadClientInput;
const report: LoadClientReport = { looksMs: [], submissionsMs: [], idleMs: [], statuses: {}, submitted: [] };

async function ask(agent: Agent, method: 'GET' | 'POST', path: string, fields?: object): Promise<Answer> {
  const startedAt = performance.now();
  const answer = await new Promise<Omit<Answer, 'ms'>>((resolve) => {
    const headers = fields && { 'content-type': 'application/json' };
    const sent = request(`${url}${path}`, { method, agent, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.once('end', () => resolve({ status: response.statusCode!, body }));
    });
    sent.once('error', ({ message }) => resolve({ status: 'none', body: message }));
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
    looks.push(ask(agent, 'GET', path).then(({ ms }) => void times.push(ms)));
  }
  await Promise.all(looks);
  agent.destroy();
}

/** A client that comes once. */
async function submit(prompt: string): Promise<void> {
  const { status, body, ms } = await ask(new Agent(), 'POST', '/v1/videos', { prompt });
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

import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NativeConnection } from '@temporalio/worker';
import type { VideoList } from '../../api/schemas/video.ts';
import { LocalStore } from '../../storage/local.ts';
import { findTemporalCli } from '../../temporal/cli.ts';
import { type DevServer, startDevServer } from '../../temporal/dev-server.ts';
import { freePorts } from '../../temporal/ports.ts';
import { silenceWorkers, StandInLine } from '../support/stand-in-line.ts';
import { WorkerProcess } from '../support/worker-process.ts';

const SUBMISSIONS = 200;
const POLLED = 50;
const POLL_MS = 100;
const POLL_FOR_MS = 5_000;
/** What 99 of 100 answers may take, where the machine has nothing else to do. */
const P99_MS = 50;
/** Answers that need neither Temporal nor a store take longer than that only where it has. */
const BUSY_MS = 10;

interface Answer {
  status: number;
  ms: number;
  body: string;
}

let folder: string;
let server: DevServer;
let connection: NativeConnection;
let line: StandInLine;
let api: WorkerProcess;
let url: string;
let stopping = false;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  silenceWorkers();
  folder = await mkdtemp(join(tmpdir(), 'kinora-load-'));
  const [port = 0, apiPort = 0] = await freePorts(2);
  server = await startDevServer({ cli: await findTemporalCli(), port });
  connection = await NativeConnection.connect({ address: server.address });
  line = new StandInLine(connection, new LocalStore(join(folder, 'artefacts')));
  line.generate = async (_input, beat) => {
    for (let step = 1; !stopping; step++, await sleep(500)) beat({ phase: 'denoising', step: Math.min(step, 60) });
  };
  await line.startCpuWorker();
  await line.startGpuWorker();
  api = new WorkerProcess('api/server.js', {
    API_PORT: String(apiPort),
    ARTEFACTS_URL: pathToFileURL(join(folder, 'artefacts')).href,
    SCRATCH_URL: pathToFileURL(join(folder, 'scratch')).href,
    TEMPORAL_ADDRESS: server.address,
    // A machine that does other things too may need longer than users would wait.
    API_TEMPORAL_TIMEOUT_MS: '20000',
    LOG_LEVEL: 'info',
  });
  ({ url } = (await api.saw('Listening')) as unknown as { url: string });
  await api.saw('Connected to Temporal');
});
afterAll(async () => {
  stopping = true;
  await api?.stop();
  agent.destroy();
  await line?.stop();
  await connection?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

function ask(method: string, path: string, body?: string): Promise<Answer> {
  const startedAt = performance.now();
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => {
        resolve({ status: response.statusCode!, ms: performance.now() - startedAt, body: text });
      });
    })
      .once('error', reject)
      .end(body);
  });
}

/** Asks ten times a second, and never twice at the same time. */
async function poll(path: string): Promise<Answer[]> {
  const answers: Answer[] = [];
  await sleep(Math.random() * POLL_MS);
  for (const end = performance.now() + POLL_FOR_MS; performance.now() < end;) {
    const answer = await ask('GET', path);
    answers.push(answer);
    await sleep(Math.max(0, POLL_MS - answer.ms));
  }
  return answers;
}

const p99 = (answers: Answer[]) =>
  answers.map(({ ms }) => ms).toSorted((a, b) => a - b)[Math.floor(answers.length * 0.99)]!;

describe('many at once', () => {
  let ids: string[];

  it('submit: every request becomes one video, and no other', async () => {
    const answers = await Promise.all(
      Array.from({ length: SUBMISSIONS }, () => ask('POST', '/v1/videos', '{"prompt": "a red circle"}')),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    ids = answers.map(({ body }) => (JSON.parse(body) as { id: string }).id);
    expect(new Set(ids).size).toBe(SUBMISSIONS);

    const listed: string[] = [];
    for (let after = ''; ;) {
      const { status, body } = await ask('GET', `/v1/videos?limit=100${after}`);
      expect(status).toBe(200);
      const page = JSON.parse(body) as VideoList;
      listed.push(...page.data.map(({ id }) => id));
      if (!page.has_more) break;
      after = `&after=${page.last_id}`;
    }
    expect(listed.toSorted()).toEqual(ids.toSorted());
  });

  it('poll ten times a second: each is answered, and at once', async () => {
    const [idle, ...polls] = await Promise.all([
      poll('/v1/models'),
      ...ids.slice(0, POLLED).map((id) => poll(`/v1/videos/${id}`)),
    ]);
    const answers = polls.flat();
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    process.stdout.write(
      `${answers.length} polls of ${POLLED} videos in ${POLL_FOR_MS / 1000} s: p99 ${p99(answers).toFixed(1)} ms ` +
        `(of answers that need no Temporal: ${p99(idle).toFixed(1)} ms)\n`,
    );
    if (p99(idle) < BUSY_MS) expect(p99(answers)).toBeLessThan(P99_MS);
  });
});

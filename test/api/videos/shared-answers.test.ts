import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { VideoList } from '../../../api/jobs/video-schema.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';
import { gate } from '../../../tools/harness/gate.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/** What an API process that nobody else asks anything has asked Temporal. */
let calls: Map<string, number>;
let service: StandInService;
let connection: Connection;
let api: TestApi;
let running: string;
let endJob = () => {};

const counting: Interceptor = (options, call) => {
  const name = options.method_definition.path.split('/').at(-1)!;
  calls.set(name, (calls.get(name) ?? 0) + 1);
  return call(options) as ReturnType<Interceptor>;
};

beforeAll(async () => {
  calls = new Map();
  const accounts = await testRegistry(
    { id: 'greedy', keys: ['of-greedy'] },
    { id: 'modest', keys: ['of-modest'] },
    { id: 'root', keys: ['of-root'], admin: true },
  );
  service = await StandInService.start({ accounts, apiKey: 'of-greedy' });
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
  for (let i = 0; i < 3; i++) await service.finished((await service.create()).id);
  const { open, opened } = gate();
  endJob = open;
  service.workers.generate = async (_input, beat) => {
    const timer = setInterval(() => beat({ phase: 'denoising' }), 500);
    await opened;
    clearInterval(timer);
  };
  running = (await service.create()).id;
  await service.until(running, ({ status }) => status === 'in_progress');
  connection = await Connection.connect({ address: service.server.address, interceptors: [counting] });
  const client = new Client({ connection });
  api = await startTestApi({ client: () => client, accounts, artefacts: service.api.artefacts, lookEveryMs: 600_000 });
});
afterAll(async () => {
  endJob();
  await api?.stop();
  await connection?.close();
  await service?.stop();
});

const get = (path: string, name = 'greedy') =>
  fetch(`${api.url}${path}`, { headers: { authorization: `Bearer of-${name}` } });
const statusOf = async (path: string, name?: string) => {
  const response = await get(path, name);
  await response.arrayBuffer();
  return response.status;
};

/** What was asked of Temporal meanwhile, and how long it took. */
async function during(work: () => Promise<unknown>): Promise<{ asked: (name: string) => number; seconds: number }> {
  const before = new Map(calls);
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  return { asked: (name) => (calls.get(name) ?? 0) - (before.get(name) ?? 0), seconds };
}

/** `clients` that each ask `times`, one after the other. */
const loop = (clients: number, times: number, ask: () => Promise<number>) =>
  Promise.all(
    Array.from({ length: clients }, async () => {
      const statuses: number[] = [];
      for (let i = 0; i < times; i++) statuses.push(await ask());
      return statuses;
    }),
  ).then((all) => new Set(all.flat()));

it('twenty connections that ask for the same page all get it, for the price of a few walks a second', async () => {
  let statuses = new Set<number>();
  const { asked, seconds } = await during(async () => {
    statuses = await loop(20, 5, () => statusOf('/v1/videos?limit=100&status=completed'));
  });
  expect(statuses).toEqual(new Set([200]));
  const searches = asked('ListWorkflowExecutions') + asked('CountWorkflowExecutions');
  // A walk every quarter of a second, what was removed every half, the line every second; finished videos are learnt from.
  expect(searches).toBeLessThanOrEqual(10 * seconds + 8);
});

it('an account that asks for 300 pages at once is told to wait, and another gets its list', async () => {
  const greedy = Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const response = await get(`/v1/videos?limit=${1 + (i % 100)}&model=other-${i}`);
      await response.arrayBuffer();
      return { status: response.status, wait: response.headers.get('retry-after') };
    }),
  );
  const modest = await loop(2, 5, () => statusOf('/v1/videos', 'modest'));
  const refused = (await greedy).filter(({ status }) => status !== 200);
  expect(modest).toEqual(new Set([200]));
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused.map(({ status, wait }) => `${status} ${wait}`))).toEqual(new Set(['429 1']));
});

it('a page is asked for after a change and shows it, however often it is asked for', async () => {
  const ids = async () => ((await (await get('/v1/videos?limit=50')).json()) as VideoList).data.map(({ id }) => id);
  const first = await ids();
  const asking = loop(5, 4, () => statusOf('/v1/videos?limit=50'));
  const response = await fetch(`${api.url}/v1/videos`, {
    method: 'POST',
    headers: { authorization: 'Bearer of-greedy', 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a red circle' }),
  });
  const { id } = (await response.json()) as { id: string };
  expect(await ids()).toEqual([id, ...first]);
  await fetch(`${api.url}/v1/videos/${id}`, { method: 'DELETE', headers: { authorization: 'Bearer of-greedy' } });
  expect(await ids()).toEqual(first);
  await asking;
});

it('what is asked without a key, metrics and readiness, costs Temporal a few calls a second in all', async () => {
  const { asked, seconds } = await during(async () => {
    const statuses = await Promise.all([
      loop(4, 40, () => statusOf('/metrics')),
      loop(10, 8, () => statusOf('/readyz')),
      loop(10, 8, () => statusOf('/healthz')),
    ]);
    for (const seen of statuses) expect(seen).toEqual(new Set([200]));
  });
  // The line every second, and what the finished videos teach every half.
  expect(asked('ListWorkflowExecutions')).toBeLessThanOrEqual(3 * seconds + 6);
  expect(asked('DescribeNamespace')).toBeLessThanOrEqual(4 * seconds + 2);
});

it('a client that polls the content of a video that is being made costs Temporal ten reads a second, and gets it at its end', async () => {
  let statuses = new Set<number>();
  const { asked, seconds } = await during(async () => {
    statuses = await loop(10, 10, () => statusOf(`/v1/videos/${running}/content`));
  });
  expect(statuses).toEqual(new Set([400]));
  expect(asked('DescribeWorkflowExecution')).toBeLessThanOrEqual(13 * seconds + 5);
  const polling = loop(3, 4, () => statusOf(`/v1/videos/${running}/content`));
  endJob();
  await service.finished(running);
  // Another process has said so: this one must know at once.
  expect(await statusOf(`/v1/videos/${running}/content`)).toBe(200);
  await polling;
});

it('what operators and clients ask now and then is shared too', async () => {
  await sleep(1_000);
  const { asked, seconds } = await during(async () => {
    await Promise.all([
      loop(10, 4, () => statusOf('/v1/workers', 'root')),
      loop(10, 4, () => statusOf('/v1/account')),
      loop(10, 4, () => statusOf('/v1/models')),
      loop(10, 4, () => statusOf('/openapi.json')),
    ]);
  });
  expect(asked('DescribeTaskQueue')).toBeLessThanOrEqual(2 * (seconds / 5 + 2));
  expect(asked('ListWorkflowExecutions')).toBeLessThanOrEqual(4 * seconds + 6);
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Connection } from '@temporalio/client';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import type { Health } from '../../../api/health/schema.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import type { WorkerObject } from '../../../api/workers/status.ts';
import { freePorts } from '../../../platform/http/ports.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { RANDOM_MODEL } from '../../../tools/harness/model/model-folder.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';
import { WorkerProcess } from '../../../tools/harness/services/worker-process.ts';

let service: StandInService;
/** A real GPU worker, a process of its own, on the tiny random model. */
let gpuWorker: WorkerProcess;

beforeAll(async () => {
  const accounts = await testRegistry({ id: 'ops', keys: ['ops'], admin: true }, { id: 'user', keys: ['user'] });
  service = await StandInService.start({ accounts });
  await service.workers.startCpuWorker();
  const [health = 0] = await freePorts(1);
  gpuWorker = new WorkerProcess('gpu-worker/worker.js', {
    TEMPORAL_ADDRESS: service.server.address,
    SCRATCH_URL: service.api.scratch.url,
    MODEL_DIR: RANDOM_MODEL,
    CPU_THREADS: '1',
    HEALTH_PORT: String(health),
  });
  await gpuWorker.saw('Ready for work');
});
afterAll(async () => {
  await gpuWorker?.stop();
  await service?.stop();
});

const as = (key: string) => ({ authorization: `Bearer ${key}` });
const listed = async () => {
  const response = await fetch(`${service.api.url}/v1/workers`, { headers: as('ops') });
  return ((await response.json()) as { data: WorkerObject[] }).data;
};
const health = async () => (await (await fetch(`${service.api.url}/healthz`)).json()) as Health;
const create = async (fields: object) => {
  const body = { prompt: 'a red circle', size: '256x256', num_frames: 7, ...fields };
  return (await (await service.request('', 'POST', body, as('ops'))).json()) as Video;
};
const retrieve = async (id: string) =>
  (await (await service.request(`/${id}`, 'GET', undefined, as('ops'))).json()) as Video;

/** The GPU worker once it is as wanted; undefined once it is gone. */
async function untilGpu(wanted: (worker: WorkerObject | undefined) => boolean): Promise<WorkerObject | undefined> {
  let found: WorkerObject | undefined;
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); Date.now() < end; await pause()) {
    found = (await listed()).find(({ task_queue: queue }) => queue === 'gpu');
    if (wanted(found)) return found;
  }
  throw new Error(`not as wanted: ${JSON.stringify(found)}`);
}

async function completed(id: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); Date.now() < end; await pause()) {
    const { status } = await retrieve(id);
    if (status === 'completed') return;
    if (status === 'failed') break;
  }
  throw new Error(JSON.stringify(await retrieve(id)));
}

it('operators see the workers with device, model and job, and nobody else does', async () => {
  const refused = await fetch(`${service.api.url}/v1/workers`, { headers: as('user') });
  expect(refused.status).toBe(403);
  const idle = await untilGpu((worker) => worker?.ready === true);
  expect(idle).toMatchObject({
    object: 'worker',
    kind: 'gpu',
    pid: gpuWorker.pid,
    device: 'cpu',
    device_kind: 'cpu',
    model: 'mochi-1-preview',
    current: null,
    last_error: null,
    completed: 0,
    failed: 0,
  });
  expect(Math.abs(Date.now() / 1000 - idle!.warm_since!)).toBeLessThan(60);
  expect((await listed()).map(({ kind }) => kind).toSorted()).toEqual(['cpu', 'gpu']);

  const { id } = await create({ num_inference_steps: 80 });
  const busy = await untilGpu((worker) => (worker?.current?.step ?? 0) > 0);
  expect(busy!.current).toMatchObject({ video_id: id, steps: 80 });
  await completed(id);
  await untilGpu((worker) => worker?.completed === 1 && worker.current === null);
});

it('the health of the service says what is going on, and never waits for Temporal', async () => {
  let now = await health();
  const isOver = () => now.completed === 1 && now.active === 0;
  for (let tries = 0; !isOver() && tries < 100; tries++, await sleep(100)) now = await health();
  expect(now).toMatchObject({ status: 'ok', gpu: null, active: 0, queued: 0, completed: 1 });
  expect(now.cpu.cores).toBeGreaterThan(0);
  expect(now.memory.total_mb).toBeGreaterThan(now.memory.free_mb);
  process.kill(service.server.pid, 'SIGSTOP');
  try {
    await sleep(200);
    for (let i = 0; i < 10; i++) expect((await health()).status).toBe('ok');
  } finally {
    process.kill(service.server.pid, 'SIGCONT');
  }
});

it('a worker that was killed is gone from the list within seconds', async () => {
  await gpuWorker.stop();
  expect(await untilGpu((worker) => worker === undefined)).toBeUndefined();
  // Temporal still names it for minutes.
  await sleep(6_000);
  expect((await listed()).map(({ kind }) => kind)).toEqual(['cpu']);
});

it('the API sends nothing to an address that a stranger among the workers names', async () => {
  const requests: string[] = [];
  const victim = createServer((req, res) => {
    requests.push(`${req.method} ${req.url}`);
    res.end(JSON.stringify({}));
  });
  await new Promise<void>((resolve) => victim.listen(0, '127.0.0.1', resolve));
  const { port } = victim.address() as AddressInfo;
  const connection = await Connection.connect({ address: service.server.address });
  // A name of its own, and the name of a worker that there was.
  const names = ['gpu-worker 4242@stranger', `gpu-worker ${gpuWorker.pid}@${hostname()}`].map(
    (id) => `${id} http://127.0.0.1:${port}`,
  );
  const polls = names.map((identity) =>
    connection
      .withDeadline(Date.now() + 8_000, () =>
        connection.workflowService.pollActivityTaskQueue({
          namespace: 'default',
          taskQueue: { name: 'gpu' },
          identity,
        }),
      )
      .catch(() => undefined),
  );
  try {
    const seen = async () => (await listed()).filter(({ task_queue: queue }) => queue === 'gpu');
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); (await seen()).length < 2; await pause()) {
      if (Date.now() > end) throw new Error('the strangers are not seen');
    }
    await sleep(1_000);
    const workers = await seen();
    expect(workers.map(({ ready }) => ready)).toEqual([null, null]);
    expect(requests).toEqual([]);
  } finally {
    await connection.close();
    await Promise.all(polls);
    victim.close();
  }
});

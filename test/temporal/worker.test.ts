import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTemporalCli } from '../../temporal/dev-server/cli.ts';
import { temporalEnv } from '../../temporal/config.ts';
import { readConfig } from '../../platform/config/config.ts';
import { connectClient } from '../../temporal/connection.ts';
import { type DevServer, startDevServer } from '../../temporal/dev-server/dev-server.ts';
import { createLogger } from '../../platform/log/logger.ts';
import { freePorts } from '../../platform/http/ports.ts';
import type { GenerateVideoInput } from '../../contract/video-job.ts';
import { GENERATE_VIDEO, TASK_QUEUES } from '../../contract/names.ts';
import { TINY_SPEC } from '../../tools/harness/model/tiny-spec.ts';
import { WorkerProcess } from '../../tools/harness/services/worker-process.ts';
import { until } from '../../tools/harness/patience.ts';

const INPUT: GenerateVideoInput = {
  videoId: 'video_worker_test',
  accountId: 'test',
  spec: { ...TINY_SPEC, prompt: 'a secret wish', seed: 1, numInferenceSteps: 2 },
  warnings: [],
  createdAt: 0,
};

let port: number;
let health: number;
let server: DevServer;
let client: Client;
let worker: WorkerProcess;

const startWorker = (handOver: boolean) =>
  new WorkerProcess('test/support/services/plain-worker.js', {
    TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
    HEALTH_PORT: String(health),
    HAND_OVER: String(handOver),
  });

/** Status of a probe; null while nothing listens. */
const probe = (path: string) =>
  fetch(`http://127.0.0.1:${health}${path}`).then(
    ({ status }) => status,
    () => null,
  );

beforeAll(async () => {
  [port = 0, health = 0] = await freePorts(2);
  worker = startWorker(true);
});
afterAll(async () => {
  await worker?.stop();
  await client?.connection.close();
  await server?.stop();
});

describe('a worker', () => {
  it('lives but is not ready while Temporal is away, and is when it comes', async () => {
    await until(async () => (await probe('/healthz')) !== null);
    expect([await probe('/healthz'), await probe('/readyz'), await probe('/other')]).toEqual([200, 503, 404]);
    server = await startDevServer({ cli: await findTemporalCli(), port });
    await worker.saw('Ready for work');
    expect(worker.log.some(({ msg }) => msg === 'prepared')).toBe(true);
    await until(async () => (await probe('/readyz')) === 200);
  });

  it('hands its work over at SIGTERM and ends in good order, without a prompt in its log', async () => {
    client = await connectClient(readConfig(temporalEnv, { TEMPORAL_ADDRESS: server.address }), {
      log: createLogger('test', 'silent'),
    });
    await client.workflow.start(GENERATE_VIDEO, {
      taskQueue: TASK_QUEUES.cpu,
      workflowId: INPUT.videoId,
      args: [INPUT],
    });
    await worker.saw('working');
    worker.kill('SIGTERM');
    expect(await worker.exited).toMatchObject({ code: 0, signal: null });
    const said = worker.log.map(({ msg }) => msg);
    expect(said.indexOf('shutdown announced')).toBeLessThan(said.lastIndexOf('Stopped'));
    expect(JSON.stringify(worker.log)).not.toContain('secret wish');
    expect((await client.workflow.getHandle(INPUT.videoId).describe()).status.name).toBe('RUNNING');
  });

  it('ends at once at a second signal, for an operator who cannot wait', async () => {
    worker = startWorker(false);
    await worker.saw('working');
    worker.kill('SIGINT');
    await worker.saw('shutdown announced');
    worker.kill('SIGINT');
    expect(await worker.exited).toMatchObject({ code: 130, signal: null });
  });
});

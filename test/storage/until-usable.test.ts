import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { freePorts } from '../../platform/http/ports.ts';
import { MOCHI_TINY } from '../../tools/harness/model/model-folder.ts';
import { s3Client } from '../../storage/s3-client.ts';
import { type S3Program, s3Program } from '../../tools/harness/servers/s3-server.ts';
import { describeWith } from '../support/needs/with-needs.ts';
import { WorkerProcess } from '../../tools/harness/services/worker-process.ts';

let folder: string;
let s3: S3Program;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-usable-'));
  const [port = 0] = await freePorts(1);
  s3 = await s3Program(folder, port);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function serve(): Promise<() => Promise<void>> {
  const server = await s3.launch();
  return async () => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
}

/** Nothing listens where it looks for Temporal, which it does once its stores can be used. */
function startWorker(program: string, bucket: string): WorkerProcess {
  const { S3_FORCE_PATH_STYLE, ...settings } = s3.settings;
  return new WorkerProcess(program, {
    ...settings,
    S3_FORCE_PATH_STYLE: String(S3_FORCE_PATH_STYLE),
    SCRATCH_URL: `s3://${bucket}/scratch`,
    ARTEFACTS_URL: `s3://${bucket}/artefacts`,
    TEMP_DIR: join(folder, 'temp'),
    MODEL_DIR: MOCHI_TINY,
    TEMPORAL_ADDRESS: '127.0.0.1:9',
  });
}

describeWith('s3')('a worker', () => {
  it('that starts while the S3 server is away is at work once it is back', async () => {
    const stop = await serve();
    const client = s3Client(s3.settings);
    await client.send(new CreateBucketCommand({ Bucket: 'videos' }));
    client.destroy();
    await stop();
    const workers = ['activities/worker.js', 'gpu-worker/worker.js'].map((program) => startWorker(program, 'videos'));
    try {
      for (const worker of workers) await worker.saw('Waiting for the store; see S3_ENDPOINT if it lives elsewhere');
      const stopAgain = await serve();
      for (const worker of workers) {
        await worker.saw('Temporal does not answer yet; set TEMPORAL_ADDRESS if it lives elsewhere');
      }
      await stopAgain();
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  });

  it('ends at once, and says why, where there is no such bucket', async () => {
    const stop = await serve();
    const worker = startWorker('activities/worker.js', 'no-such-bucket');
    expect(await worker.exited).toMatchObject({ code: 78 });
    await stop();
    const [error] = worker.log.filter(({ level }) => level === 'fatal');
    expect(error).toMatchObject({ err: { message: expect.stringContaining('there is no such bucket') } });
  });
});

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StoreDeniedError } from '../../storage/object-store.ts';
import { openStore } from '../../storage/open.ts';
import { freePorts } from '../../platform/http/ports.ts';
import { MOCHI_TINY } from '../../tools/harness/model/model-folder.ts';
import { PATIENCE_MS, pauses, until } from '../../tools/harness/patience.ts';
import { type S3Server, startS3Server } from '../../tools/harness/servers/s3-server.ts';
import { TemporalHarness } from '../../tools/harness/services/temporal-harness.ts';
import { describeWith, has } from '../support/needs/with-needs.ts';
import { WorkerProcess } from '../../tools/harness/services/worker-process.ts';

const ALL = [
  's3:ListBucket',
  's3:GetObject',
  's3:PutObject',
  's3:DeleteObject',
  's3:AbortMultipartUpload',
  's3:ListBucketMultipartUploads',
];
const OPTIONAL = ['s3:AbortMultipartUpload', 's3:ListBucketMultipartUploads'];
const without = (permission: string) => s3.allowing(ALL.filter((name) => name !== permission));

let s3: S3Server;
beforeAll(async () => {
  if (has('s3')) s3 = await startS3Server();
});
afterAll(() => s3?.stop());

describeWith('s3')('a bucket whose policy leaves something out', () => {
  it.each(ALL)('is told by the name of it: %s', async (permission) => {
    const store = await openStore('s3://videos/scratch', await without(permission));
    const refused = await store.refused();
    await store.close();
    const optional = OPTIONAL.includes(permission);
    expect(refused).toEqual({ needed: optional ? [] : [permission], optional: optional ? [permission] : [] });
  });

  it('is told that nothing is missing where nothing is', async () => {
    const store = await openStore('s3://videos', await s3.allowing(ALL));
    expect(await store.refused()).toEqual({ needed: [], optional: [] });
    await store.close();
  });

  it.each(OPTIONAL)('has the files of a video deleted all the same without %s', async (permission) => {
    const store = await openStore('s3://videos/scratch', await without(permission));
    for (const name of ['frames.mkv', 'frames.json']) await store.put(`videos/v/${name}`, Buffer.from('x'));
    await store.deletePrefix('videos/v/');
    const left: string[] = [];
    for await (const { key } of store.list('videos/')) left.push(key);
    expect(left).toEqual([]);
    await store.close();
  });

  it('refuses for good, and says what, instead of being called down', async () => {
    const store = await openStore('s3://videos/scratch', await without('s3:PutObject'));
    // More than open the circuit of a server that is down.
    for (let tries = 0; tries < 8; tries++) {
      const refused: unknown = await store.put('videos/v/x', Buffer.from('x')).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StoreDeniedError);
      expect((refused as Error).message).toMatch(/s3:\/\/videos\/scratch refuses s3:PutObject: .*AccessDenied/);
    }
    await store.close();
  });
});

describeWith('s3')('a worker whose bucket refuses something', () => {
  let temporal: TemporalHarness;
  beforeAll(async () => (temporal = await TemporalHarness.start()), 600_000);
  afterAll(() => temporal?.stop());

  const start = async (permission: string) => {
    const [health = 0] = await freePorts(1);
    const { S3_FORCE_PATH_STYLE, ...settings } = await without(permission);
    const worker = new WorkerProcess('activities/worker.js', {
      ...settings,
      S3_FORCE_PATH_STYLE: String(S3_FORCE_PATH_STYLE),
      SCRATCH_URL: 's3://videos/scratch',
      ARTEFACTS_URL: 's3://videos/artefacts',
      TEMP_DIR: join(tmpdir(), `kinora-permissions-${health}`),
      MODEL_DIR: MOCHI_TINY,
      TEMPORAL_ADDRESS: temporal.server.address,
      HEALTH_PORT: String(health),
    });
    const ready = async () => {
      const response = await fetch(`http://127.0.0.1:${health}/readyz`);
      return { code: response.status, ...((await response.json()) as object) };
    };
    return { worker, ready };
  };

  it('that it needs takes no work, and says in /readyz and its log which permission is missing', async () => {
    const { worker, ready } = await start('s3:PutObject');
    const line = await worker.saw('The store refuses what no work can be done without');
    expect(line).toMatchObject({ store: 's3://videos/scratch', needed: ['s3:PutObject'] });
    expect(await ready()).toMatchObject({ code: 503, status: expect.stringContaining('refuses s3:PutObject') });
    expect(worker.log.map(({ msg }) => msg)).not.toContain('Ready for work');
    await worker.stop();
  });

  it('is told of by the API in the same way', async () => {
    const [port = 0] = await freePorts(1);
    const { S3_FORCE_PATH_STYLE, ...settings } = await without('s3:GetObject');
    const api = new WorkerProcess('api/server.js', {
      ...settings,
      S3_FORCE_PATH_STYLE: String(S3_FORCE_PATH_STYLE),
      SCRATCH_URL: 's3://videos/scratch',
      ARTEFACTS_URL: 's3://videos/artefacts',
      TEMPORAL_ADDRESS: temporal.server.address,
      API_PORT: String(port),
    });
    await api.saw('Listening');
    const readiness = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`);
      return [response.status, await response.text()] as const;
    };
    let told = await readiness();
    // On a busy machine it is told before that it has no answer yet.
    for (
      const end = Date.now() + PATIENCE_MS, pause = pauses();
      !told[1].includes('refuses') && Date.now() < end;
      await pause()
    ) {
      told = await readiness();
    }
    expect(told).toEqual([503, expect.stringContaining('refuses s3:GetObject')]);
    await api.stop();
  });

  it('that a lifecycle rule makes up for works, and says so too', async () => {
    const { worker, ready } = await start('s3:ListBucketMultipartUploads');
    await worker.saw('Ready for work');
    await until(async () => (await ready()).code === 200);
    const refused = 'refuses s3:ListBucketMultipartUploads';
    expect(await ready()).toEqual({
      code: 200,
      status: 'ok',
      warnings: [`s3://videos/scratch ${refused}`, `s3://videos/artefacts ${refused}`],
    });
    await worker.stop();
  });
});

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { PATIENCE_MS } from '../../tools/harness/patience.ts';
import { S3Store } from '../../storage/s3.ts';
import { freePorts } from '../../platform/http/ports.ts';
import { s3Client } from '../../storage/s3-client.ts';
import { type S3Program, s3Program } from '../../tools/harness/servers/s3-server.ts';
import { StandInService } from '../support/services/stand-in-service.ts';
import { itWith } from '../support/needs/with-needs.ts';

let folder: string;
let port: number;
let s3: S3Program;
let store: S3Store;
let service: StandInService;
let id: string;
let server: Awaited<ReturnType<S3Program['launch']>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-outage-'));
  [port = 0] = await freePorts(1);
  s3 = await s3Program(folder, port);
  server = await s3.launch();
  const client = s3Client(s3.settings);
  await client.send(new CreateBucketCommand({ Bucket: 'videos' }));
  client.destroy();
  store = new S3Store({ bucket: 'videos', prefix: '', ...s3.settings, circuit: { failures: 3, pauseMs: 8_000 } });
  service = await StandInService.start({ artefacts: store });
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
  ({ id } = await service.create());
  await service.finished(id);
});
afterAll(async () => {
  await service?.stop();
  await store?.close();
  server?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function killServer(): Promise<void> {
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}

/** In its place: takes connections and drops them. */
async function dropConnections() {
  let dropped = 0;
  const dropping = createServer((socket) => {
    dropped++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => dropping.listen(port, '127.0.0.1', resolve));
  return { dropped: () => dropped, stop: () => new Promise((resolve) => dropping.close(resolve)) };
}

itWith('s3')(
  'while the S3 server is down clients hear so at once and it is left alone; once it is back it serves again',
  async () => {
    const content = () => fetch(`${service.api.url}/v1/videos/${id}/content`);
    expect((await content()).status).toBe(200);
    expect((await fetch(`${service.api.url}/readyz`)).status).toBe(200);
    await killServer();
    const dead = await dropConnections();
    for (let i = 0; i < 3; i++) expect((await content()).status).toBe(503);
    const known = dead.dropped();
    expect(known).toBeGreaterThan(3);

    const asked = 20;
    const answers = await Promise.all(Array.from({ length: asked }, content));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(answers[0]!.headers.get('retry-after')).toBe('2');
    expect(await answers[0]!.json()).toMatchObject({ error: { code: 'service_unavailable' } });
    // What needs no file is answered as before.
    const ready = await fetch(`${service.api.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ok', missing: ['the artefact store cannot be used'] },
    ]);
    // A pause may have ended meanwhile, and one request then tries the server.
    expect(dead.dropped() - known).toBeLessThan(asked);

    await dead.stop();
    server = await s3.launch();
    let response = await content();
    for (
      const end = Date.now() + PATIENCE_MS;
      response.status !== 200 && Date.now() < end;
      response = await content()
    ) {
      await sleep(200);
    }
    expect(response.status).toBe(200);
    expect((await fetch(`${service.api.url}/readyz`)).status).toBe(200);
  },
);

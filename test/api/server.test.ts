import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { patientFetch } from '../../tools/harness/client/patient-fetch.ts';
import { PATIENCE_MS, pauses } from '../../tools/harness/patience.ts';
import { findTemporalCli } from '../../temporal/dev-server/cli.ts';
import { type DevServer, startDevServer } from '../../temporal/dev-server/dev-server.ts';
import { freePorts } from '../../platform/http/ports.ts';
import { EventClient } from '../support/client/event-client.ts';

const SERVER = fileURLToPath(new URL('../../api/server.js', import.meta.url));

let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-server-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** The process `npm start` starts, with these settings beside the usual ones. */
function start(env: Record<string, string>): ChildProcess & { output: string } {
  const child = spawn(process.execPath, [SERVER], {
    env: {
      PATH: process.env['PATH'],
      ARTEFACTS_URL: pathToFileURL(folder).href,
      SCRATCH_URL: pathToFileURL(join(folder, 'scratch')).href,
      MODEL_DIR: folder,
      ...env,
    },
  });
  children.push(child);
  const started = Object.assign(child, { output: '' });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (started.output += chunk));
  return started;
}

const statusOf = (url: string) =>
  fetch(url).then(
    ({ status }) => status,
    () => 0,
  );

async function until(url: string, status: number): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); (await statusOf(url)) !== status; await pause()) {
    if (Date.now() > end) throw new Error(`${url} does not answer ${status}`);
  }
}

async function createVideo(url: string): Promise<{ id: string }> {
  const created = await patientFetch(`${url}/v1/videos`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a red circle' }),
  });
  return (await created.json()) as { id: string };
}

describe('the API process', () => {
  it('starts before Temporal does, is ready when it is there, and stops at once when told to', async () => {
    const [port, temporalPort] = await freePorts(2);
    const url = `http://127.0.0.1:${port}`;
    const api = start({ API_PORT: String(port), TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}` });
    let server: DevServer | undefined;
    try {
      await until(`${url}/healthz`, 200);
      expect(await statusOf(`${url}/readyz`)).toBe(503);
      const post = () =>
        fetch(`${url}/v1/videos`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ prompt: 'words that nobody else may read' }),
        });
      expect((await post()).status).toBe(503);

      server = await startDevServer({ cli: await findTemporalCli(), port: temporalPort! });
      await until(`${url}/readyz`, 200);
      expect(await (await post()).json()).toMatchObject({ status: 'queued', model: 'mochi-1-preview' });

      api.kill('SIGTERM');
      expect(await once(api, 'exit')).toEqual([0, null]);
      expect(api.output).toContain('Listening');
      expect(api.output).not.toContain('nobody else');
    } finally {
      await server?.stop();
    }
  });

  it('is ready no sooner than videos can be made and listed, and then stays so while Temporal is away', async () => {
    const [port, temporalPort] = await freePorts(2);
    const url = `http://127.0.0.1:${port}`;
    const server = await startDevServer({ cli: await findTemporalCli(), port: temporalPort! });
    try {
      const connection = await Connection.connect({ address: server.address });
      await connection.workflowService.registerNamespace({
        namespace: 'new',
        workflowExecutionRetentionPeriod: msToTs('1d'),
      });
      await connection.close();
      start({ API_PORT: String(port), TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'new' });
      for (const end = Date.now() + PATIENCE_MS; (await statusOf(`${url}/readyz`)) !== 200; await sleep(20)) {
        if (Date.now() > end) throw new Error('never ready');
      }
      const { id } = await createVideo(url);
      expect(id).toMatch(/^video_/);
      expect(await statusOf(`${url}/v1/videos`)).toBe(200);

      server.kill();
      await server.exited;
      const refused = await fetch(`${url}/v1/videos`);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await statusOf(`${url}/v1/videos/${id}`)).toBe(200);
      let ready = await fetch(`${url}/readyz`);
      const missing = async () => ((await ready.json()) as { missing: string[] }).missing;
      for (const end = Date.now() + PATIENCE_MS; (await missing()).length === 0; ready = await fetch(`${url}/readyz`)) {
        expect([ready.status, Date.now() < end]).toEqual([200, true]);
      }
      expect(ready.status).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it('that is killed or stopped disturbs a stream for a moment only: the client goes on at another', async () => {
    const [port, other, temporalPort] = await freePorts(3);
    const urls = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${other}`];
    const server = await startDevServer({ cli: await findTemporalCli(), port: temporalPort! });
    const [first, second] = [port, other].map((p) =>
      start({ API_PORT: String(p), TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}` }),
    );
    let listener: EventClient | undefined;
    try {
      await Promise.all(urls.map((url) => until(`${url}/readyz`, 200)));
      const { id } = await createVideo(urls[1]!);
      listener = new EventClient(urls.map((url) => `${url}/v1/videos/${id}/events`));
      await listener.until(({ event }) => event === 'video');

      first!.kill('SIGKILL');
      const killed = performance.now();
      while (listener.responses.length < 2) await sleep(20);
      const away = performance.now() - killed;
      process.stdout.write(`an API process was killed: its stream went on after ${Math.round(away)} ms\n`);
      // Nothing has happened to the video, so nothing is told again.
      expect(listener.names).toEqual(['video']);

      second!.kill('SIGTERM');
      expect(await once(second!, 'exit')).toEqual([0, null]);
      expect(listener.names).toEqual(['video']);
    } finally {
      listener?.close();
      await server.stop();
    }
  });

  it('that is killed hands its address over to the one that stands by: a stream goes on there', async () => {
    const [port, temporalPort] = await freePorts(2);
    const url = `http://127.0.0.1:${port}`;
    const server = await startDevServer({ cli: await findTemporalCli(), port: temporalPort! });
    const env = { API_PORT: String(port), API_STANDBY: 'true', TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}` };
    const standingBy = async () => {
      const api = start(env);
      while (!/Standing by[^]*Connected|Connected[^]*Standing by/.test(api.output)) await sleep(50);
      return api;
    };
    let listener: EventClient | undefined;
    try {
      const serving = start(env);
      await until(`${url}/readyz`, 200);
      const next = await standingBy();
      const { id } = await createVideo(url);
      listener = new EventClient([`${url}/v1/videos/${id}/events`]);
      await listener.until(({ event }) => event === 'video');

      serving.kill('SIGKILL');
      const killed = performance.now();
      while (listener.responses.length < 2) await sleep(20);
      const away = performance.now() - killed;
      process.stdout.write(`the serving API process was killed: the stream went on after ${Math.round(away)} ms\n`);
      expect(listener.names).toEqual(['video']);

      // One that is stopped does so too; and one that has never served ends as well.
      const last = await standingBy();
      next.kill('SIGTERM');
      expect(await once(next, 'exit')).toEqual([0, null]);
      await until(`${url}/readyz`, 200);
      const spare = await standingBy();
      spare.kill('SIGTERM');
      expect(await once(spare, 'exit')).toEqual([0, null]);
      last.kill('SIGTERM');
      expect(await once(last, 'exit')).toEqual([0, null]);
    } finally {
      listener?.close();
      await server.stop();
    }
  });

  it('says which port is taken and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const api = start({ API_PORT: String(port) });
    const [code] = await once(api, 'exit');
    other.close();
    expect(code).not.toBe(0);
    expect(api.output).toMatch(new RegExp(`Port ${port} on 127.0.0.1.*is in use.*API_PORT`));
  });

  it('says which setting is wrong', async () => {
    const api = start({ API_PORT: 'eighty', ARTEFACTS_URL: '', TEMPORAL_TLS: '' });
    const [code] = await once(api, 'exit');
    expect(code).toBe(78);
    expect(api.output).toMatch(/API_PORT=eighty/);
    expect(api.output).toMatch(/ARTEFACTS_URL is not set/);
  });
});

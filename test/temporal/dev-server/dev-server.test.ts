import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkflowNotFoundError } from '@temporalio/client';
import { findTemporalCli } from '../../../temporal/dev-server/cli.ts';
import { temporalEnv } from '../../../temporal/config.ts';
import { readConfig } from '../../../platform/config/config.ts';
import { connectClient } from '../../../temporal/connection.ts';
import { type DevServerOptions, startDevServer } from '../../../temporal/dev-server/dev-server.ts';
import { LogFile } from '../../../platform/log/log-file.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { ensureRetention } from '../../../temporal/namespace.ts';
import { PortInUseError, freePorts } from '../../../platform/http/ports.ts';
import { ensureSearchAttributes } from '../../../temporal/search-attributes.ts';
import { SEARCH_ATTRIBUTES } from '../../../contract/names.ts';
import { lowerPriority } from '../../../platform/process/lower-priority.ts';
import { onPostgres } from '../../../tools/harness/servers/test-temporal.ts';
import { until } from '../../../tools/harness/patience.ts';

const log = createLogger('test', 'silent');
let folder: string;
let options: DevServerOptions;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-dev-server-'));
  const [port = 0, uiPort = 0] = await freePorts(2);
  const log = new LogFile(join(folder, 'temporal.log'));
  options = { cli: await findTemporalCli(), port, uiPort, dbFile: join(folder, 'temporal.db'), log };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const connect = (address: string, signal?: AbortSignal) =>
  connectClient(readConfig(temporalEnv, { TEMPORAL_ADDRESS: address }), { log, signal });

/** Asks with headers that `fetch` would not send. */
async function statusOf(port: number, method: string, path: string, headers: Record<string, string>): Promise<number> {
  const [answer] = (await once(request({ port, method, path, headers }).end(), 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode!;
}

/** A production server has a Web UI of its own, and its HTTP API is closed. */
const itWithUi = (name: string, test: () => Promise<void>) =>
  onPostgres() ? it.skip(`${name} (skipped: only the dev server has them)`, test) : it(name, test);

const VALUES = { Keyword: ['x'], KeywordList: ['x', 'y'], Datetime: [new Date()], Bool: [true] };

describe("Temporal's dev server", () => {
  it('keeps workflows over a restart, and longer than its own 24 hours', async () => {
    const first = await startDevServer(options);
    let client = await connect(first.address);
    await client.workflow.start('never', {
      taskQueue: 'none',
      workflowId: 'kept',
      searchAttributes: Object.fromEntries(
        Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, VALUES[type]]),
      ),
    });
    expect(await ensureRetention(client.connection, 'default')).toBe(30);
    await expect(ensureSearchAttributes(client.connection, 'default')).resolves.toBeUndefined();
    await client.connection.close();
    first.kill();
    await first.exited;

    const second = await startDevServer(options);
    client = await connect(second.address);
    try {
      const kept = await client.workflow.getHandle('kept').describe();
      expect(kept.status.name).toBe('RUNNING');
      expect(kept.searchAttributes).toMatchObject({ AccountId: ['x'] });
      const { config } = await client.connection.workflowService.describeNamespace({ namespace: 'default' });
      expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
      if (!onPostgres()) expect((await fetch(second.uiUrl!)).status).toBe(200);
    } finally {
      await client.connection.close();
      await second.stop();
    }
  });

  it('never takes a database that a server was killed in the middle of making, though it may come up with it', async () => {
    const dbFile = join(folder, 'unfinished.db');
    const first = await startDevServer({ ...options, dbFile });
    let client = await connect(first.address);
    await client.workflow.start('never', { taskQueue: 'none', workflowId: 'before' });
    await client.connection.close();
    await first.stop();
    // As it stands beside one until its server was up once.
    await writeFile(`${dbFile}.unfinished`, '');
    const second = await startDevServer({ ...options, dbFile });
    client = await connect(second.address);
    try {
      await expect(client.workflow.getHandle('before').describe()).rejects.toThrow(WorkflowNotFoundError);
      await expect(readFile(`${dbFile}.unfinished`)).rejects.toThrow('ENOENT');
    } finally {
      await client.connection.close();
      await second.stop();
    }
  });

  it('can be used where the search attributes are not there yet, by two processes at once', async () => {
    const server = await startDevServer({ cli: options.cli, port: options.port });
    const client = await connect(server.address);
    try {
      await client.connection.operatorService.removeSearchAttributes({
        namespace: 'default',
        searchAttributes: ['AccountId', 'Model'],
      });
      await Promise.all([1, 2].map(() => ensureSearchAttributes(client.connection, 'default')));
      const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
        namespace: 'default',
      });
      expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)));
    } finally {
      await client.connection.close();
      await server.stop();
    }
  });

  itWithUi('lets no foreign page read, start or end workflows through its Web UI or its HTTP API', async () => {
    const publicUrl = 'https://ui.example.com';
    const [httpPort = 0] = await freePorts(1);
    const cli = join(folder, 'with-http-port');
    await writeFile(cli, `#!/bin/sh\nexec "${options.cli}" "$@" --http-port ${httpPort}\n`, { mode: 0o755 });
    const server = await startDevServer({ ...options, cli, dbFile: undefined, uiPublicUrl: publicUrl });
    try {
      const own = `127.0.0.1:${options.uiPort}`;
      const list = '/api/v1/namespaces/default/workflows';
      const start = `${list}/stolen`;
      const json = { 'content-type': 'application/json' };
      const foreign = 'http://evil.example';
      const ask = (method: string, path: string, headers: Record<string, string>) =>
        statusOf(options.uiPort!, method, path, { host: own, ...headers });

      // The namespace answers before its lists do.
      await until(async () => (await ask('GET', list, {})) !== 503);
      expect(await ask('GET', list, {})).toBe(200);
      expect(await ask('GET', list, { host: `localhost:${options.uiPort}`, 'sec-fetch-site': 'same-origin' })).toBe(
        200,
      );
      expect(await ask('GET', list, { host: 'ui.example.com', origin: publicUrl })).toBe(200);
      // A link on another page opens it.
      expect(await ask('GET', '/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(200);

      // A page whose name leads here, one that sends a form, one that sends what it likes.
      expect(await ask('GET', list, { host: `evil.example:${options.uiPort}` })).toBe(403);
      expect(await ask('GET', list, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
      expect(await ask('POST', start, { 'content-type': 'text/plain' })).toBe(403);
      expect(await ask('POST', start, { 'content-type': 'application/x-www-form-urlencoded' })).toBe(403);
      for (const origin of [foreign, 'null', 'http://localhost:1']) {
        expect(await ask('POST', start, { ...json, origin })).toBe(403);
      }

      for (const host of [`127.0.0.1:${httpPort}`, `localhost:${httpPort}`, `evil.example:${httpPort}`]) {
        expect(await statusOf(httpPort, 'GET', list, { host })).toBe(403);
        expect(await statusOf(httpPort, 'POST', start, { host, 'content-type': 'text/plain' })).toBe(403);
      }
    } finally {
      await server.stop();
    }
  });

  it('leaves the CPU to others when it is told to', async () => {
    const server = await startDevServer(options);
    try {
      lowerPriority(server.pid, 10);
      expect(getPriority(server.pid)).toBe(10);
      // The file is there only where the kernel groups by session.
      const group = await readFile(`/proc/${server.pid}/autogroup`, 'utf8').catch(() => 'nice 10');
      expect(group).toContain('nice 10');
    } finally {
      await server.stop();
    }
  });

  it('says which setting moves a busy port, before anything is started', async () => {
    const server = await startDevServer({ cli: options.cli, port: options.port });
    try {
      await expect(startDevServer(options)).rejects.toThrow(PortInUseError);
      await expect(startDevServer(options)).rejects.toThrow(`Port ${options.port} on 127.0.0.1`);
      await expect(startDevServer(options)).rejects.toThrow('set TEMPORAL_PORT to another port');
      const [free = 0] = await freePorts(1);
      await expect(startDevServer({ ...options, port: free, uiPort: options.port })).rejects.toThrow(
        'set TEMPORAL_UI_PORT to another port',
      );
    } finally {
      await server.stop();
    }
  });

  it('comes up although it was killed in the moment that it began its database', async () => {
    const place = await mkdtemp(join(folder, 'killed-'));
    const cli = join(place, 'temporal');
    const dies = `[ -e "${place}/died" ] || { touch "${place}/died"; : > "${place}/temporal.db"; kill -9 $$; }`;
    await writeFile(cli, `#!/bin/sh\n${dies}\nexec "${options.cli}" "$@"\n`, { mode: 0o755 });
    const start = () => startDevServer({ ...options, cli, dbFile: join(place, 'temporal.db') });
    await expect(start()).rejects.toThrow('SIGKILL');
    // The first one may find out that the file is of no use.
    await (await start().catch(start)).stop();
  });

  it('says why it did not come up', async () => {
    await expect(startDevServer({ ...options, dbFile: '/nowhere/temporal.db' })).rejects.toThrow(/\/nowhere/);
    await expect(startDevServer({ ...options, cli: '/nowhere/temporal' })).rejects.toThrow(/ENOENT/);
    expect(await readFile(options.log!.path, 'utf8')).not.toBe('');
  });
});

describe('a process that needs Temporal', () => {
  it('waits for it to come up', async () => {
    const waiting = connect(`127.0.0.1:${options.port}`);
    const server = await startDevServer({ cli: options.cli, port: options.port });
    try {
      const client = await waiting;
      await client.connection.close();
    } finally {
      await server.stop();
    }
  });

  it('stops waiting when it is told to', async () => {
    const [nobody = 0] = await freePorts(1);
    await expect(connect(`127.0.0.1:${nobody}`, AbortSignal.timeout(300))).rejects.toThrow();
  });

  it('says which certificate cannot be read', async () => {
    const config = readConfig(temporalEnv, { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere/ca.pem' });
    await expect(connectClient(config, { log })).rejects.toThrow(/TEMPORAL_TLS_SERVER_CA_CERT_PATH=\/nowhere\/ca.pem/);
  });
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findTemporalCli } from '../../temporal/dev-server/cli.ts';
import { temporalEnv } from '../../temporal/config.ts';
import { readConfig } from '../../platform/config/config.ts';
import { connectClient, connectWorker } from '../../temporal/connection.ts';
import { type DevServer, startDevServer } from '../../temporal/dev-server/dev-server.ts';
import { createLogger, type Logger } from '../../platform/log/logger.ts';
import { freePorts } from '../../platform/http/ports.ts';
import { MOCHI_TINY } from '../../tools/harness/model/model-folder.ts';
import { Authority, type Certificate } from '../support/servers/certificates.ts';
import { startTlsFront, type TlsFront, type TlsFrontOptions } from '../support/servers/tls-front.ts';
import { describeWith, has } from '../support/needs/with-needs.ts';
import { WorkerProcess } from '../../tools/harness/services/worker-process.ts';

const SERVER_NAME = 'temporal.example.com';

let folder: string;
let temporal: DevServer;
let ours: Authority;
let theirs: Authority;
let server: Certificate;
const fronts: TlsFront[] = [];
const processes: WorkerProcess[] = [];

beforeAll(async () => {
  if (!has('openssl')) return;
  folder = await mkdtemp(join(tmpdir(), 'kinora-tls-'));
  await Promise.all(['ours', 'theirs', 'scratch', 'artefacts'].map((name) => mkdir(join(folder, name))));
  [ours, theirs] = await Promise.all(
    ['ours', 'theirs'].map((name) => Authority.create(join(folder, name), name)) as [
      Promise<Authority>,
      Promise<Authority>,
    ],
  );
  server = await ours.issue(SERVER_NAME);
  const [port = 0] = await freePorts(1);
  temporal = await startDevServer({ cli: await findTemporalCli(), port });
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.stop()));
  await Promise.all(fronts.map((front) => front.close()));
  await temporal?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function front(options: Omit<TlsFrontOptions, 'address' | 'server'>): Promise<TlsFront> {
  const started = await startTlsFront({ address: temporal.address, server, ...options });
  fronts.push(started);
  return started;
}

/** Settings that trust the server. */
const trusting = ({ address }: TlsFront) => ({
  TEMPORAL_ADDRESS: address,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: ours.cert,
  TEMPORAL_TLS_SERVER_NAME: SERVER_NAME,
});
const withCertificate = ({ cert, key }: Certificate) => ({
  TEMPORAL_TLS_CLIENT_CERT_PATH: cert,
  TEMPORAL_TLS_CLIENT_KEY_PATH: key,
});

/** What the log says of a connection that does not come about: the API's, and a worker's. */
async function refusals(env: Record<string, string>): Promise<string[]> {
  return await Promise.all(
    [connectClient, connectWorker].map(async (connect) => {
      const stop = new AbortController();
      let reason = '';
      const log = Object.assign(createLogger('test', 'silent'), {
        warn: (line: { reason: string }) => {
          reason = line.reason;
          stop.abort();
        },
      }) as unknown as Logger;
      await expect(connect(readConfig(temporalEnv, env), { log, signal: stop.signal })).rejects.toThrow();
      return reason;
    }),
  );
}

describeWith('openssl')('over TLS', () => {
  it('a video is made by processes that show their certificates', async () => {
    const tls = await front({ clientsOf: ours.cert });
    const [port = 0] = await freePorts(1);
    const stores = Object.fromEntries(
      ['scratch', 'artefacts'].map((name) => [`${name.toUpperCase()}_URL`, pathToFileURL(join(folder, name)).href]),
    );
    const as = async (name: string, entry: string, env: Record<string, string>) => {
      const own = withCertificate(await ours.issue(name));
      const started = new WorkerProcess(entry, { ...trusting(tls), ...own, ...stores, MODEL_DIR: MOCHI_TINY, ...env });
      processes.push(started);
      return started;
    };
    const [api, worker] = await Promise.all([
      as('the-api', 'api/server.js', { API_PORT: String(port) }),
      as('the-worker', 'activities/worker.js', { TEMP_DIR: join(folder, 'tmp') }),
    ]);
    await Promise.all([api.saw('Connected to Temporal'), worker.saw('Ready for work')]);
    const created = await fetch(`http://127.0.0.1:${port}/v1/videos`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a red circle' }),
    });
    expect(created.status).toBe(200);
    await worker.saw('Activity ended', { matches: ({ activity }) => activity === 'validate' });
    expect([...tls.clients].toSorted()).toEqual(['the-api', 'the-worker']);
  });

  it('a server that asks for an API key is told it by clients and workers, and the namespace', async () => {
    const tls = await front({ apiKey: 'a-key' });
    const config = readConfig(temporalEnv, { ...trusting(tls), TEMPORAL_API_KEY: 'a-key' });
    const log = createLogger('test', 'silent');
    const client = await connectClient(config, { log });
    expect((await client.workflow.count('')).count).toBeGreaterThanOrEqual(0);
    await client.connection.close();
    const before = tls.requests.length;
    await (await connectWorker(config, { log })).close();
    expect(tls.requests.length).toBeGreaterThan(before);
    expect(tls.requests.map((headers) => headers['temporal-namespace'])).toContain('default');
  });

  it('nothing is sent where one does not trust the other, and the log of an API and a worker says why', async () => {
    const [certificates, apiKeys] = await Promise.all([front({ clientsOf: ours.cert }), front({ apiKey: 'a-key' })]);
    const ok = trusting(certificates);
    const [own, foreign] = [withCertificate(await ours.issue('own')), withCertificate(await theirs.issue('foreign'))];
    const cases: [RegExp, Record<string, string>][] = [
      [/certificate/, ok],
      [/certificate/, { ...ok, ...foreign }],
      [/verify|self-signed|issuer/, { ...ok, ...own, TEMPORAL_TLS_SERVER_CA_CERT_PATH: theirs.cert }],
      [/elsewhere\.example\.com/, { ...ok, ...own, TEMPORAL_TLS_SERVER_NAME: 'elsewhere.example.com' }],
      [/unauthorized/i, { ...trusting(apiKeys), TEMPORAL_API_KEY: 'another' }],
    ];
    const said = await Promise.all(cases.map(([, env]) => refusals(env)));
    for (const [i, [pattern]] of cases.entries()) for (const reason of said[i]!) expect(reason).toMatch(pattern);
    expect([...certificates.requests, ...apiKeys.requests]).toEqual([]);
  });

  it('files that are no certificates, or do not belong together, end the process at its start', async () => {
    const text = join(folder, 'text.pem');
    await writeFile(text, 'nothing');
    const [one, other] = await Promise.all([ours.issue('one'), ours.issue('other')]);
    const connect = (env: Record<string, string>) =>
      connectClient(readConfig(temporalEnv, env), { log: createLogger('test', 'silent') });
    await expect(connect({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: text })).rejects.toThrow(/SERVER_CA_CERT_PATH/);
    await expect(connect(withCertificate({ cert: one.cert, key: other.key }))).rejects.toThrow(/KEY_PATH.*match/s);
    await expect(connect(withCertificate({ cert: one.cert, key: text }))).rejects.toThrow(/CLIENT_KEY_PATH/);
    await expect(connect({ TEMPORAL_TLS_CLIENT_CERT_PATH: one.cert })).rejects.toThrow(/both, or neither/);
    await expect(connect(withCertificate({ cert: `${text}x`, key: one.key }))).rejects.toThrow(/CERT_PATH=.*ENOENT/);
  });
});

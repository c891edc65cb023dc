import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import OpenAI, { AuthenticationError } from 'openai';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import { webhookSecret } from '../../../platform/accounts/accounts-file.ts';
import { freePorts } from '../../../platform/http/ports.ts';
import { accountsText } from '../../../tools/harness/services/accounts.ts';
import { WorkerProcess } from '../../../tools/harness/services/worker-process.ts';

const run = promisify(execFile);
const program = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

let folder: string;
const processes: WorkerProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-keys-'));
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.stop()));
  await rm(folder, { recursive: true, force: true });
});

/** The API as it is run, with these settings beside the usual ones. */
async function start(env: Record<string, string>): Promise<{ api: WorkerProcess; url: string }> {
  const [port = 0] = await freePorts(1);
  const api = new WorkerProcess('api/server.js', {
    ARTEFACTS_URL: pathToFileURL(join(folder, 'artefacts')).href,
    SCRATCH_URL: pathToFileURL(join(folder, 'scratch')).href,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    API_PORT: String(port),
    ...env,
  });
  processes.push(api);
  const { url } = await api.saw('Listening');
  return { api, url: url as string };
}

async function statusWith(url: string, key: string | null): Promise<number> {
  const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  return (await fetch(`${url}/v1/models`, { headers })).status;
}

/** Waits until a key is answered so. */
async function until(url: string, key: string, status: number): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); (await statusWith(url, key)) !== status; await pause()) {
    if (Date.now() > end) throw new Error(`${key} is not answered ${status}`);
  }
}

describe('a service with API keys', () => {
  const file = () => join(folder, 'accounts.json');
  let url: string;
  let api: WorkerProcess;

  it('is set up by one command a key, which shows the key once and keeps its hash only', async () => {
    const add = (...args: string[]) => run(process.execPath, [program('local/commands/keys.js'), 'add', ...args]);
    const { stdout } = await add('alice', '--file', file());
    const key = /kin_[A-Za-z0-9_-]{43}/.exec(stdout)![0];
    expect(await readFile(file(), 'utf8')).not.toContain(key);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    ({ api, url } = await start({ API_KEYS_FILE: file() }));
    expect(await statusWith(url, key)).toBe(200);

    // A second key of the same account, and another account's, without a restart; the first goes on.
    const second = /kin_\S+/.exec((await add('alice', '--file', file())).stdout)![0];
    const admin = /kin_\S+/.exec((await add('root', '--admin', '--file', file())).stdout)![0];
    await Promise.all([key, second, admin].map((known) => until(url, known, 200)));
    const { accounts } = JSON.parse(await readFile(file(), 'utf8')) as { accounts: { id: string; keys: unknown[] }[] };
    expect(accounts.map(({ id, keys }) => [id, keys.length])).toEqual([
      ['alice', 2],
      ['root', 1],
    ]);
    const secret = await run(process.execPath, [program('local/commands/keys.js'), 'secret']);
    expect(webhookSecret.safeParse(secret.stdout.trim()).success).toBe(true);
    await expect(add('no spaces', '--file', file())).rejects.toThrow(/accounts.2.id must be 1 to 64/);
    await expect(run(process.execPath, [program('local/commands/keys.js'), 'add'])).rejects.toThrow(/Usage/);
  });

  it('answers a missing or wrong key as clients expect it, and says which it was', async () => {
    for (const [key, says] of [
      [null, /asks for an API key/],
      ['kin_wrong', /not known/],
    ] as const) {
      const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
      const response = await fetch(`${url}/v1/videos/video_x`, { headers });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      const { error } = (await response.json()) as { error: { message: string } };
      expect(error).toMatchObject({ code: 'invalid_api_key', type: 'authentication_error', param: null });
      expect(error.message).toMatch(says);
    }
    const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'kin_wrong' });
    await expect(openai.videos.create({ prompt: 'a red circle' })).rejects.toThrow(AuthenticationError);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('keeps the accounts it knows while the file is broken, and says so without quoting it', async () => {
    await writeFile(file(), accountsText({ id: 'alice', keys: ['first'] }));
    await until(url, 'first', 200);
    await writeFile(file(), '{"accounts": [{"id": "whsec_very_secret", "keys": [');
    await api.saw('API_KEYS_FILE cannot be used; what it held before stays in force');
    expect(await statusWith(url, 'first')).toBe(200);
    expect(JSON.stringify(api.log)).not.toContain('very_secret');
    await rm(file());
    await api.saw('API_KEYS_FILE cannot be used; what it held before stays in force', {
      matches: ({ reason }) => /ENOENT/.test(String(reason)),
    });
    expect(await statusWith(url, 'first')).toBe(200);
    await writeFile(file(), accountsText({ id: 'alice', keys: ['second'] }));
    await until(url, 'second', 200);
    expect(await statusWith(url, 'first')).toBe(401);
  });

  it('sees a Kubernetes Secret change, which is a swapped link to another folder', async () => {
    const mount = join(folder, 'mount');
    const publish = async (version: string, key: string) => {
      await mkdir(join(mount, version), { recursive: true });
      await writeFile(join(mount, version, 'accounts.json'), accountsText({ id: 'alice', keys: [key] }));
      await symlink(version, join(mount, '..data_tmp'));
      await rename(join(mount, '..data_tmp'), join(mount, '..data'));
    };
    await publish('..2026_01', 'old');
    await symlink('..data/accounts.json', join(mount, 'accounts.json'));
    const mounted = await start({ API_KEYS_FILE: join(mount, 'accounts.json') });
    expect(await statusWith(mounted.url, 'old')).toBe(200);
    await publish('..2026_02', 'new');
    await until(mounted.url, 'new', 200);
    expect(await statusWith(mounted.url, 'old')).toBe(401);
  });
});

describe('a service without API keys', () => {
  it('serves its one user on this machine, and says that it is open', async () => {
    const { api, url } = await start({});
    await api.saw('Open: no API_KEYS_FILE, so everyone who reaches this address is the one user');
    expect(await statusWith(url, null)).toBe(200);
    // Clients must send some key; any will do.
    expect(await statusWith(url, 'none')).toBe(200);
  });

  it('is out of reach for pages from the web, which a browser on this machine may show', async () => {
    const { url } = await start({});
    const { port } = new URL(url);
    // Not by fetch, which sets these headers itself.
    const ask = (headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        const sent = request(`${url}/v1/videos/video_x/cancel`, { method: 'POST', headers }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        });
        sent.on('error', reject).end();
      });
    // 503: it got as far as Temporal, which is not there.
    for (const host of ['127.0.0.1', 'localhost', '[::1]', 'kinora.localhost']) {
      expect(await ask({ host: `${host}:${port}`, origin: `http://${host}:${port}` })).toBe(503);
    }
    for (const origin of ['https://example.com', 'null', 'http://127.0.0.1.example.com']) {
      expect(await ask({ host: `127.0.0.1:${port}`, origin })).toBe(403);
    }
    expect(await ask({ host: `rebound.example.com:${port}` })).toBe(403);
  });

  it('does not start where strangers could reach it, unless that is meant', async () => {
    const exposed = (env: Record<string, string>) =>
      run(process.execPath, [program('api/server.js')], {
        env: {
          PATH: process.env['PATH'],
          ARTEFACTS_URL: pathToFileURL(folder).href,
          SCRATCH_URL: pathToFileURL(join(folder, 'scratch')).href,
          API_PORT: '0',
          ...env,
        },
      });
    const refusal = { code: 78, stderr: expect.stringMatching(/API_KEYS_FILE.*API_HOST.*API_ALLOW_OPEN/) };
    await expect(exposed({ API_HOST: '0.0.0.0' })).rejects.toMatchObject(refusal);
    await expect(exposed({ API_HOST: '::' })).rejects.toMatchObject(refusal);
    await expect(exposed({ API_HOST: '0.0.0.0', API_KEYS_FILE: '/nowhere.json' })).rejects.toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/API_KEYS_FILE=\/nowhere.json cannot be used: it cannot be read/),
    });
    const { url } = await start({ API_HOST: '0.0.0.0', API_ALLOW_OPEN: 'true' });
    expect(await statusWith(url, null)).toBe(200);
    expect(await statusWith(url.replace('0.0.0.0', '127.0.0.1'), null)).toBe(200);
  });

  it('is kept from pages of the web though strangers may reach it: what is bound and what it is called are two things', async () => {
    const env = { API_HOST: '0.0.0.0', API_ALLOW_OPEN: 'true', API_ALLOWED_HOSTS: 'kinora.example, Other.example' };
    const { url } = await start(env);
    const { port } = new URL(url);
    const form = {
      'content-type': 'multipart/form-data; boundary=x',
      body: '--x\r\ncontent-disposition: form-data; name="prompt"\r\n\r\na foreign page\r\n--x--\r\n',
    };
    const post = (host: string, origin: string | null, { body, ...headers } = form) =>
      new Promise<number>((resolve, reject) => {
        const to = { host: '127.0.0.1', port, path: '/v1/videos', method: 'POST' };
        request({ ...to, headers: { host, ...headers, ...(origin !== null && { origin }) } }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        })
          .on('error', reject)
          .end(body);
      });
    // 503: it got as far as Temporal, which is not there.
    expect(await post(`192.0.2.5:${port}`, null)).toBe(503);
    expect(await post(`192.0.2.5:${port}`, `http://192.0.2.5:${port}`)).toBe(503);
    expect(await post(`localhost:${port}`, 'http://127.0.0.1:5173')).toBe(503);
    expect(await post('kinora.example', 'https://kinora.example')).toBe(503);
    expect(await post('KINORA.example', null)).toBe(503);
    expect(await post(`127.0.0.1:${port}`, 'https://other.example')).toBe(503);
    for (const origin of [
      'https://evil.example',
      'null',
      'http://192.0.2.6',
      'http://localhost:3000',
      `http://192.0.2.5:1`,
    ]) {
      expect([origin, await post(`192.0.2.5:${port}`, origin)]).toEqual([origin, 403]);
    }
    expect(await post(`rebound.example:${port}`, `http://rebound.example:${port}`)).toBe(403);
    expect(await post(`rebound.example:${port}`, null)).toBe(403);
    // What a form of any page can send is never understood.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      expect(await post(`localhost:${port}`, null, { 'content-type': type, body: '{"prompt": "a cat"}' })).toBe(415);
    }
  });
});

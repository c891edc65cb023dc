import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '@temporalio/client';
import { PATIENCE_MS, pauses, until } from '../../../tools/harness/patience.ts';
import { accountsEnv } from '../../../platform/accounts/config.ts';
import { type AccountRegistry, openRegistry } from '../../../platform/accounts/registry.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { accountsText, type TestAccount } from '../../../tools/harness/services/accounts.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';
import { gate } from '../../../tools/harness/gate.ts';
import { TemporalHarness } from '../../../tools/harness/services/temporal-harness.ts';

let folder: string;
let temporal: TemporalHarness;
let accounts: AccountRegistry;
let api: TestApi;
/** What Temporal's answers wait for. */
let hold = Promise.resolve();

const file = () => join(folder, 'accounts.json');
const EVERYBODY: TestAccount[] = [
  { id: 'alice', keys: ['of-alice', 'other-of-alice'] },
  { id: 'bob', keys: ['of-bob'] },
  { id: 'root', keys: ['of-root'], admin: true },
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-streams-'));
  await writeAccounts(EVERYBODY);
  accounts = await openRegistry(accountsEnv.parse({ API_KEYS_FILE: file() }), createLogger('test', 'silent'));
  temporal = await TemporalHarness.start();
  const client = new Client({
    connection: temporal.client.connection,
    interceptors: { workflow: [{ describe: async (input, next) => (await hold, await next(input)) }] },
  });
  api = await startTestApi({ client: () => client, accounts, limits: { eventStreams: 3 } });
});
afterAll(async () => {
  accounts?.close();
  await api?.stop();
  await temporal?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function writeAccounts(list: TestAccount[]): Promise<void> {
  await writeFile(`${file()}.new`, accountsText(...list));
  await rename(`${file()}.new`, file());
}

const as = (key: string) => ({ authorization: `Bearer ${key}` });
const open = (id: string, key: string, signal: AbortSignal | null = null) =>
  fetch(`${api.url}/v1/videos/${id}/events`, { headers: as(key), signal });

/** Nobody works here: it stays queued. */
async function createVideo(key: string): Promise<string> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); ; await pause()) {
    const response = await fetch(`${api.url}/v1/videos`, {
      method: 'POST',
      headers: { ...as(key), 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'words of their own' }),
    });
    const { id } = (await response.json()) as { id?: string };
    if (id !== undefined) return id;
    if (Date.now() > end) throw new Error(`no video, but ${response.status}`);
  }
}

/** The stream's text so far, and when it is at its end. */
function read(response: Response) {
  const stream = { text: '', over: false };
  const reading = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) stream.text += decoder.decode(chunk as Uint8Array, { stream: true });
  };
  void reading()
    .catch(() => {})
    .finally(() => (stream.over = true));
  return stream;
}

describe('an account may open streams', () => {
  it('as if clients that left before the first look was done had never come', async () => {
    const id = await createVideo('of-alice');
    // What the creation was answered with is good for half a second.
    await sleep(700);
    const looks = gate();
    hold = looks.opened;
    for (let i = 0; i < 6; i++) {
      const leaving = new AbortController();
      const seen = api.requests.length;
      const left = open(id, 'of-alice', leaving.signal).catch(() => {});
      await until(() => api.requests.length > seen);
      leaving.abort();
      await left;
      await sleep(50);
    }
    looks.open();
    hold = Promise.resolve();
    await sleep(200);
    const streams = [];
    for (let i = 0; i < 3; i++) streams.push(await open(id, 'of-alice'));
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await open(id, 'of-alice')).status).toBe(429);
    await Promise.all(streams.map((stream) => stream.body!.cancel()));
  });
});

describe('an open stream', () => {
  it.each([
    ['whose key is taken away', [{ id: 'alice', keys: ['other-of-alice'] }, EVERYBODY[1]!, EVERYBODY[2]!], 'of-alice'],
    ['whose key goes to another account', [{ id: 'bob', keys: ['of-alice', 'of-bob'] }, EVERYBODY[2]!], 'of-alice'],
    ['of an operator who is none any more', [...EVERYBODY.slice(0, 2), { id: 'root', keys: ['of-root'] }], 'of-root'],
  ] as [string, TestAccount[], string][])('%s ends, and shows nothing more', async (_what, changed, key) => {
    await writeAccounts(EVERYBODY);
    await until(() => accounts.byKey(key)?.id === (key === 'of-root' ? 'root' : 'alice'));
    await until(() => accounts.byKey('of-root')?.admin === true);
    const id = await createVideo('of-alice');
    const ended = read(await open(id, key));
    const bobs = read(await open(await createVideo('of-bob'), 'of-bob'));
    await until(() => ended.text.includes('event: video') && bobs.text.includes('event: video'));
    await writeAccounts(changed);
    await until(() => ended.over);
    // Not told that the video is over: who has another key comes back.
    expect(ended.text).not.toContain('event: end');
    expect(bobs.over).toBe(false);
    expect([401, 404]).toContain((await open(id, key)).status);
  });
});

describe('the connection of a stream', () => {
  it('is never offered for a next request that it would not take', async () => {
    await writeAccounts(EVERYBODY);
    await until(() => accounts.byKey('of-alice')?.id === 'alice');
    const id = await createVideo('of-alice');
    await temporal.client.workflow.getHandle(id).terminate();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (path: string) =>
      new Promise<number>((resolve, reject) => {
        get(`${api.url}/v1/videos/${id}${path}`, { agent, headers: as('of-alice') }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode!));
        }).once('error', reject);
      });
    const answers: number[] = [];
    for (let i = 0; i < 20; i++) answers.push(await ask('/events'), await ask(''));
    agent.destroy();
    expect(answers).toEqual(Array<number>(40).fill(200));
  });
});

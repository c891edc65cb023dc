import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import OpenAI, { NotFoundError, RateLimitError } from 'openai';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS, pauses, until } from '../../../tools/harness/patience.ts';
import { accountSchema, type AccountObject } from '../../../api/accounts/schema.ts';
import type { Video, VideoList } from '../../../api/jobs/video-schema.ts';
import { failure } from '../../../contract/failure.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

let service: StandInService;
let api: TestApi;
let finish: () => void;

beforeAll(async () => {
  service = await StandInService.start({
    limits: { eventStreams: 2 },
    temporalUiUrl: 'http://127.0.0.1:8233',
    accounts: await testRegistry(
      { id: 'alice', keys: ['of-alice', 'of-alice-too'] },
      { id: 'bob', keys: ['of-bob'], limits: { queued: 2, running: 1 } },
      { id: 'carol', keys: ['of-carol'], limits: { requests_per_minute: 3 } },
      { id: 'dave', keys: ['of-dave'], limits: { running: 1 } },
      { id: 'erin', keys: ['of-erin'], limits: { queued: 1, running: 1 } },
      { id: 'root', keys: ['of-root'], admin: true },
      { id: 'new', keys: ['of-new'] },
      { id: 'trusted', keys: ['of-trusted'], limits: { requests_per_minute: null } },
    ),
  });
  ({ api } = service);
  const held = new Promise<void>((resolve) => (finish = resolve));
  service.workers.generate = async (_input, beat) => {
    beat({ phase: 'denoising' });
    await held;
  };
  await service.workers.startCpuWorker();
});
afterAll(async () => {
  finish();
  await service?.stop();
});

const as = (name: string, maxRetries = 0) => new OpenAI({ baseURL: `${api.url}/v1`, apiKey: `of-${name}`, maxRetries });
const create = (name: string) => as(name).videos.create({ prompt: 'a red circle' });
const ask = (name: string, path: string, method = 'GET') =>
  fetch(`${api.url}/v1${path}`, { method, headers: { authorization: `Bearer of-${name}` } });
const account = async (name: string) => accountSchema.parse(await (await ask(name, '/account')).json());

describe('two accounts', () => {
  it('see nothing of one another, whatever they try; an operator sees both', async () => {
    const { id } = await create('alice');
    expect((await as('alice-too').videos.retrieve(id)).id).toBe(id);
    await expect(as('bob').videos.retrieve(id)).rejects.toThrow(NotFoundError);
    await expect(as('bob').videos.downloadContent(id)).rejects.toThrow(NotFoundError);
    for (const [path, method] of [
      [`/videos/${id}`, 'GET'],
      [`/videos/${id}`, 'HEAD'],
      [`/videos/${id}/content`, 'GET'],
      [`/videos/${id}/events`, 'GET'],
      [`/videos/${id}/events`, 'GET'],
      [`/videos/${id}/cancel`, 'POST'],
      [`/videos/${id}/retry`, 'POST'],
      [`/videos/${id}`, 'DELETE'],
    ] as const) {
      expect([path, (await ask('bob', path, method)).status]).toEqual([path, 404]);
    }
    expect((await as('bob').videos.list()).data).toEqual([]);
    expect((await ask('bob', '/videos/retry', 'POST')).status).toBe(403);
    expect((await as('root').videos.retrieve(id)).status).toBe('queued');
    expect((await as('root').videos.list()).data.map((video) => video.id)).toEqual([id]);
    expect((await ask('alice', `/videos/${id}/cancel`, 'POST')).status).toBe(200);
  });
});

describe('an operator who sees the videos of everybody', () => {
  const shown = async (name: string, path: string) => (await (await ask(name, path)).json()) as Video;
  const listed = async (name: string, query: string) =>
    ((await (await ask(name, `/videos?${query}`)).json()) as VideoList).data.map(({ id, account }) => ({
      id,
      account,
    }));
  const streamed = async (name: string, id: string) => {
    const reader = (await ask(name, `/videos/${id}/events`)).body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('\n\n', text.indexOf('data: '))) text += (await reader.read()).value ?? '';
    await reader.cancel();
    return (JSON.parse(/^data: (.*)$/m.exec(text)![1]!) as Video).account;
  };

  it('is told whose each one is, and can ask for one account’s; the owner is told no name', async () => {
    const made = await create('alice');
    const own = await create('root');
    expect((made as unknown as Video).account).toBeNull();
    expect((own as unknown as Video).account).toBe('root');
    expect((await shown('root', `/videos/${made.id}`)).account).toBe('alice');
    expect((await shown('alice', `/videos/${made.id}`)).account).toBeNull();
    expect([await streamed('root', made.id), await streamed('alice', made.id)]).toEqual(['alice', null]);
    expect(await listed('root', 'limit=2')).toEqual([
      { id: own.id, account: 'root' },
      { id: made.id, account: 'alice' },
    ]);
    expect(await listed('root', 'account=alice&limit=1')).toEqual([{ id: made.id, account: 'alice' }]);
    expect(await listed('root', 'account=nobody')).toEqual([]);
    // It narrows what may be seen, and never widens it.
    expect(await listed('alice', 'account=root&limit=1')).toEqual([{ id: made.id, account: null }]);
    for (const { id } of [made, own]) {
      const cancelled = (await (await ask('root', `/videos/${id}/cancel`, 'POST')).json()) as Video;
      expect(cancelled.account).toBe(id === own.id ? 'root' : 'alice');
    }
  });
});

describe('an account with limits', () => {
  it('may have so many unfinished videos, even when it asks for many at the same moment', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 12 }, () => create('bob')));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    const refused = answers.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    const error = refused.reason as RateLimitError;
    expect(error).toBeInstanceOf(RateLimitError);
    expect([error.code, error.type]).toEqual(['rate_limit_exceeded', 'rate_limit_error']);
    expect(error.message).toMatch(/3 unfinished videos and may have 3/);
    expect(error.headers.get('retry-after')).toBe('10');
    expect(error.headers.get('retry-after-ms')).toBe('10000');
    // Nobody else is held up.
    await expect(create('alice')).resolves.toMatchObject({ status: 'queued' });
    expect(await account('bob')).toMatchObject({ usage: { queued: 3, running: 0 } });
  });

  it('may have new ones as soon as others have ended', async () => {
    await expect(create('bob')).rejects.toThrow(RateLimitError);
    const { id } = await create('dave');
    await expect(create('dave')).rejects.toThrow(RateLimitError);
    await ask('dave', `/videos/${id}/cancel`, 'POST');
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); Date.now() < end; await pause()) {
      const usage = (await account('dave')).usage;
      if (usage.queued + usage.running === 0) break;
    }
    await expect(create('dave')).resolves.toMatchObject({ status: 'queued' });
  });

  it('may send so many requests a minute, and look as often as it likes', async () => {
    const before = await Promise.all(Array.from({ length: 200 }, () => ask('carol', '/models')));
    expect(new Set(before.map(({ status }) => status))).toEqual(new Set([200]));
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => ask('carol', '/videos/video_none/cancel', 'POST')),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([404, 404, 404, 429, 429]);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(await refused.json()).toMatchObject({ error: { code: 'rate_limit_exceeded', param: null } });
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(Math.ceil(Number(refused.headers.get('retry-after-ms')) / 1000)).toBe(seconds);
    expect((await ask('carol', '/account')).status).toBe(200);
  });
});

it('an account of which nothing is said cannot flood the service; one that is to have no limit has none', async () => {
  const flood = async (name: string) => {
    const refused: Response[] = [];
    for (let sent = 0; sent < 650; sent += 50) {
      const batch = Array.from({ length: 50 }, () => ask(name, '/videos/video_none/cancel', 'POST'));
      refused.push(...(await Promise.all(batch)).filter(({ status }) => status === 429));
    }
    return refused.length;
  };
  expect(await flood('new')).toBe(50);
  expect(await flood('trusted')).toBe(0);
  expect((await account('new')).limits.requests_per_minute).toBe(600);
  expect((await account('trusted')).limits.requests_per_minute).toBe(null);
});

it('an account may have so many event streams open, and a new one once another has ended', async () => {
  const { id } = await create('alice');
  const open = () => {
    const leaving = new AbortController();
    const headers = { authorization: 'Bearer of-alice' };
    return fetch(`${api.url}/v1/videos/${id}/events`, { headers, signal: leaving.signal }).then((response) => ({
      response,
      leave: () => leaving.abort(),
    }));
  };
  const [first, second] = [await open(), await open()];
  expect([first.response.status, second.response.status]).toEqual([200, 200]);
  const third = await open();
  expect([third.response.status, await third.response.json()]).toMatchObject([
    429,
    { error: { code: 'rate_limit_exceeded', message: expect.stringMatching(/2 event streams open and may have 2/) } },
  ]);
  expect((await ask('root', `/videos/${id}/events`, 'HEAD')).status).toBe(200);
  first.leave();
  let another = await open();
  for (
    const end = Date.now() + PATIENCE_MS;
    another.response.status !== 200 && Date.now() < end;
    another = await open()
  ) {
    await sleep(100);
  }
  expect(another.response.status).toBe(200);
  second.leave();
  another.leave();
});

describe('who asks for their account', () => {
  it('is told who they are, what they may have, and what they have', async () => {
    await service.workers.startGpuWorker();
    let bob: AccountObject;
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); Date.now() < end; await pause()) {
      bob = await account('bob');
      if (bob.usage.queued === 0) break;
    }
    expect(bob!).toEqual({
      object: 'account',
      id: 'bob',
      admin: false,
      auth: 'key',
      limits: { queued: 2, running: 1, requests_per_minute: 600 },
      usage: { queued: 0, running: 3 },
      share_links: false,
      prompt_enhancer: false,
      temporal_ui_url: null,
    });
    expect(await account('root')).toMatchObject({ admin: true, temporal_ui_url: 'http://127.0.0.1:8233' });
    const open = await startTestApi({ client: () => service.client });
    const single = accountSchema.parse(await (await fetch(`${open.url}/v1/account`)).json());
    expect(single).toMatchObject({ id: 'default', admin: true, auth: 'open', limits: { queued: null } });
    await open.stop();
  });
});

it('an operator who retries all failed videos does so within the limits of their accounts', async () => {
  const retrieve = (id: string) => as('erin').videos.retrieve(id);
  const withKey = (key: string) =>
    as('erin').videos.create({ prompt: 'a red circle' }, { headers: { 'idempotency-key': key } });
  const isFailed = async (id: string) => (await retrieve(id)).status === 'failed';
  const hold = service.workers.generate;
  service.workers.generate = () => Promise.reject(failure('out_of_memory'));
  const ids: string[] = [];
  while (ids.length < 3) {
    const { id } = await withKey(`erin ${ids.length}`);
    ids.push(id);
    await until(() => isFailed(id));
    // The next one is let in once this one is no longer counted.
    await until(async () => (await account('erin')).usage.queued + (await account('erin')).usage.running === 0);
  }
  service.workers.generate = hold;
  const retryAll = async () => {
    const answer = await fetch(`${api.url}/v1/videos/retry`, {
      method: 'POST',
      headers: { authorization: 'Bearer of-root', 'content-type': 'application/json' },
      body: JSON.stringify({ account: 'erin' }),
    });
    return ((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };
  expect(await retryAll()).toEqual(ids.slice(0, 2));
  expect(await retryAll()).toEqual([]);
  expect(await isFailed(ids[2]!)).toBe(true);
  // Nor does it go by the limits of the operator when it is a single one.
  expect((await ask('root', `/videos/${ids[2]}/retry`, 'POST')).status).toBe(429);
  // Who asks once more for what they have is not held back.
  await expect(withKey('one more')).rejects.toThrow(RateLimitError);
  await expect(withKey('erin 2')).resolves.toMatchObject({ id: ids[2], status: 'failed' });
});

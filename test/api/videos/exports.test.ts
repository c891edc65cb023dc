import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Video } from '../../../api/jobs/video-schema.ts';
import { type Export, EXPORTS, exportId } from '../../../contract/exports.ts';
import { EXPORT_VIDEO } from '../../../contract/names.ts';
import { loadProfile } from '../../../platform/model/model-profile.ts';
import { keys } from '../../../storage/keys.ts';
import { StoreDeniedError } from '../../../storage/object-store.ts';
import { patientFetch } from '../../../tools/harness/client/patient-fetch.ts';
import { MOCHI_TINY } from '../../../tools/harness/model/model-folder.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';
import { CpuHarness } from '../../support/services/cpu-harness.ts';
import { until } from '../../../tools/harness/patience.ts';

const ALICE = 'alice-key-of-sufficient-length';
const BOB = 'bob-key-of-sufficient-length';

let line: CpuHarness;
/** Two processes of one service. */
let apis: TestApi[] = [];
/** Exports that were stored. */
const stored: string[] = [];
beforeAll(async () => {
  line = await CpuHarness.start();
  const accounts = await testRegistry({ id: 'alice', keys: [ALICE] }, { id: 'bob', keys: [BOB] });
  const options = { client: () => line.client, timeoutMs: 10_000, artefacts: line.artefacts, accounts };
  const profile = await loadProfile(MOCHI_TINY);
  apis = await Promise.all([startTestApi({ ...options, profile }), startTestApi({ ...options, profile })]);
  await Promise.all([line.startCpuWorker(), line.startGpuWorker()]);
});
afterEach(() => {
  line.artefacts.before = async (operation, key) => {
    if (operation === 'putFile' && key.includes('export')) stored.push(key);
  };
});
afterAll(async () => {
  await Promise.all(apis.map((api) => api.stop()));
  await line?.stop();
});

interface Asked extends Omit<RequestInit, 'headers'> {
  key?: string;
  api?: number;
  headers?: Record<string, string>;
}

const ask = (path: string, { key = ALICE, api = 0, ...init }: Asked = {}) =>
  patientFetch(`${apis[api]!.url}/v1/videos${path}`, {
    ...init,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...init.headers },
  });
const content = (id: string, variant: string, init?: Asked) => ask(`/${id}/content?variant=${variant}`, init);
const errorOf = async (response: Response) => {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, ...error };
};

async function finished(): Promise<string> {
  const body = JSON.stringify({ prompt: 'a red square', size: '96x64', num_frames: 7, seed: 3 });
  const { id } = (await (await ask('', { method: 'POST', body })).json()) as Video;
  for (;;) {
    const { status } = (await (await ask(`/${id}`)).json()) as Video;
    if (status === 'completed') return id;
    expect(status).not.toBe('failed');
    await sleep(100);
  }
}

/** The export, asked for again for as long as it is being made. */
async function made(id: string, variant: Export, init?: Asked): Promise<Response> {
  for (;;) {
    const response = await content(id, variant, init);
    if (response.status !== 409) return response;
    await sleep(500);
  }
}

const filesOf = async (id: string) => (await line.filesOf(id)).artefacts.toSorted();
const runOf = async (id: string, variant: Export) => {
  try {
    return (await line.client.workflow.getHandle(exportId(id, variant)).describe()).runId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
};

/** Holds the storing of exports; resolves when one has come so far. */
function holdStoring(): { reached: Promise<void>; release: () => void } {
  let release = () => {};
  let reach = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  line.artefacts.before = async (operation, key) => {
    if (operation !== 'putFile' || !key.includes('export')) return;
    reach();
    await held;
  };
  return { reached, release };
}

describe('another form of a video', () => {
  it.each<[Export, string, string]>([
    ['webm', 'video/webm', '1a45dfa3'],
    ['gif', 'image/gif', '474946383961'],
    ['frames', 'application/zip', '504b0304'],
  ])('is made when it is first asked for, and served as every file: %s', async (variant, type, magic) => {
    const id = await finished();
    expect(await filesOf(id)).toHaveLength(3);
    const response = await made(id, variant);
    expect(response.status).toBe(200);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.subarray(0, magic.length / 2).toString('hex')).toBe(magic);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const extension = { webm: 'webm', gif: 'gif', frames: 'zip' }[variant];
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': type,
      'content-length': String(bytes.length),
      'accept-ranges': 'bytes',
      etag: `"${sha256}"`,
      'content-disposition': `inline; filename="${id}-seed-3.${extension}"`,
    });

    const part = await content(id, variant, { headers: { range: 'bytes=2-5' } });
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, bytes.subarray(2, 6)]);
    const same = await content(id, variant, { headers: { 'if-none-match': `"${sha256}"` }, api: 1 });
    expect(same.status).toBe(304);
    const head = await content(id, variant, { method: 'HEAD', api: 1 });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
    expect(await filesOf(id)).toHaveLength(4);
  });

  it('is made once, however many ask for it at whatever process', async () => {
    const id = await finished();
    stored.length = 0;
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => made(id, 'gif', { api: i % 2 })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(1);
    expect(stored).toEqual([keys.export(id, 'gif')]);
  });

  it('lets nobody wait for long: while it is being made, the answer says when to ask again', async () => {
    const id = await finished();
    const { release } = holdStoring();
    const response = await content(id, 'gif');
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await errorOf(response)).toMatchObject({ status: 409, code: 'export_not_ready' });
    release();
    expect((await made(id, 'gif')).status).toBe(200);
  });

  it('is no video: it is in no list, and no limit and no count has it', async () => {
    const count = async () => ((await (await ask('?limit=100')).json()) as { data: unknown[] }).data.length;
    const usage = async () => {
      const answer = await patientFetch(`${apis[0]!.url}/v1/account`, {
        headers: { authorization: `Bearer ${ALICE}` },
      });
      return ((await answer.json()) as { usage: object }).usage;
    };
    const id = await finished();
    const before = await count();
    const { reached, release } = holdStoring();
    const asked = content(id, 'webm');
    await reached;
    expect(await count()).toBe(before);
    expect(await usage()).toMatchObject({ queued: 0, running: 0 });
    const query = `WorkflowType = "${EXPORT_VIDEO}" AND AccountId = "alice"`;
    expect((await line.client.workflow.count(query)).count).toBe(0);
    release();
    await asked;
    expect(await count()).toBe(before);
  });

  it('is for its account alone, and only of a video that is finished', async () => {
    const id = await finished();
    expect(await errorOf(await content(id, 'gif', { key: BOB }))).toMatchObject({
      status: 404,
      code: 'video_not_found',
    });
    expect(await runOf(id, 'gif')).toBeNull();
    expect((await made(id, 'gif')).status).toBe(200);
    expect(await errorOf(await content(id, 'gif', { key: BOB }))).toMatchObject({
      status: 404,
      code: 'video_not_found',
    });
    const unknown = await errorOf(await content(id, 'mov'));
    expect(unknown).toMatchObject({ status: 400, code: 'unsupported_variant' });
    expect(unknown.message).toContain('video, thumbnail, spritesheet, webm, gif, frames');

    let end = () => {};
    const generating = new Promise<void>((resolve) => (end = resolve));
    const { generate } = line;
    line.generate = async (input) => {
      await generating;
      return await generate(input);
    };
    const body = JSON.stringify({ prompt: 'a red square', size: '96x64', num_frames: 7 });
    const { id: unfinished } = (await (await ask('', { method: 'POST', body })).json()) as Video;
    expect(await errorOf(await content(unfinished, 'gif'))).toMatchObject({ status: 400, code: 'video_not_ready' });
    expect(await runOf(unfinished, 'gif')).toBeNull();
    end();
    line.generate = generate;
  });

  it('that could not be made is made by the next who asks', async () => {
    const id = await finished();
    line.artefacts.before = async (operation) => {
      if (operation === 'putFile') throw new StoreDeniedError('s3:PutObject', 'denied');
    };
    expect(await errorOf(await made(id, 'gif'))).toMatchObject({ status: 500, code: 'export_failed' });
    line.artefacts.before = async () => {};
    expect((await made(id, 'gif')).status).toBe(200);
  });

  it('of a video whose files are gone is gone as they are', async () => {
    const id = await finished();
    expect((await made(id, 'gif')).status).toBe(200);
    await line.artefacts.deletePrefix(keys.prefix(id));
    for (const variant of EXPORTS) {
      expect(await errorOf(await made(id, variant))).toMatchObject({ status: 410, code: 'video_expired' });
    }
    expect(await filesOf(id)).toEqual([]);
  });
});

describe('a deleted video', () => {
  const remove = async (id: string) => {
    expect((await ask(`/${id}`, { method: 'DELETE' })).status).toBe(200);
  };

  it('leaves none of its exports', async () => {
    const id = await finished();
    for (const variant of EXPORTS) expect((await made(id, variant)).status).toBe(200);
    expect(await filesOf(id)).toHaveLength(6);
    await remove(id);
    expect((await content(id, 'gif')).status).toBe(404);
    for (const variant of EXPORTS) await until(async () => (await runOf(id, variant)) === null);
    expect(await filesOf(id)).toEqual([]);
  });

  it('leaves nothing of an export that is being made at that moment, however late it is stored', async () => {
    const id = await finished();
    const { reached, release } = holdStoring();
    const asked = content(id, 'gif');
    await reached;
    await remove(id);
    release();
    expect([404, 409, 410, 500]).toContain((await asked).status);
    await until(async () => (await runOf(id, 'gif')) === null);
    // Until its activity has ended.
    await until(async () => (await filesAtWork()).length === 0);
    expect(await filesOf(id)).toEqual([]);
  });
});

const filesAtWork = () => readdir(join(line.folder, 'temp')).catch(() => []);

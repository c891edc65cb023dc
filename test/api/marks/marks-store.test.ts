import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newVideoId } from '../../../api/jobs/video-object.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import { Marks } from '../../../api/marks/marks.ts';
import { keys } from '../../../storage/keys.ts';
import { LocalStore } from '../../../storage/local.ts';
import { StoreDeniedError } from '../../../storage/object-store.ts';
import { ApiProcesses } from '../../support/services/api-process.ts';
import { MarkingService } from '../../support/services/marking-service.ts';
import { codeOf } from '../../support/services/sharing-service.ts';
import { until } from '../../../tools/harness/patience.ts';

let marking: MarkingService;
beforeAll(async () => {
  marking = await MarkingService.start();
});
afterAll(() => marking?.stop());

const foundBy = async (query: string) => (await marking.list(query)).data.map(({ id }) => id);

describe('a video that is deleted', () => {
  it.each(['when it is finished', 'while it is made'])(
    'leaves none of its marks, nor any in lists: %s',
    async (when) => {
      const { release } = when === 'while it is made' ? marking.holdGenerate() : { release: () => {} };
      const { id } = when === 'while it is made' ? await marking.service.create() : await marking.made();
      await marking.mark(id, { starred: true, tags: ['gone'] });
      expect(await foundBy('tag=gone')).toEqual([id]);
      await marking.ask(`/${id}`, 'DELETE');
      expect(await foundBy('tag=gone')).toEqual([]);
      await until(async () => (await marking.marksIn(id)).length === 0);
      await until(async () => !(await marking.tags()).some(({ tag }) => tag === 'gone'));
      expect(await codeOf(await marking.ask(`/${id}`, 'POST', { starred: true }))).toEqual([404, 'video_not_found']);
      expect(await marking.marksIn(id)).toEqual([]);
      release();
    },
  );

  it('takes none that comes meanwhile: it is refused, and nothing of it is left', async () => {
    const { id } = await marking.made();
    const store = new OddStore(marking.service.api.artefacts as LocalStore);
    // Written only once the removal has been through.
    store.before = async (operation) => {
      if (operation !== 'put') return;
      await marking.ask(`/${id}`, 'DELETE');
      await until(async () => (await marking.filesOf(id)).length === 0);
    };
    const api = await marking.another({ artefacts: store });
    const response = await marking.askAt(api, `/${id}`, 'POST', { starred: true });
    expect(await codeOf(response)).toEqual([404, 'video_not_found']);
    expect(await marking.marksIn(id)).toEqual([]);
    await api.stop();
  });

  it('and that Temporal has forgotten without being asked to loses its marks when they are next looked through', async () => {
    const [lost, { id }] = [newVideoId(Date.parse('2026-01-01')), await marking.made()];
    await marking.mark(id, { tags: ['of old'] });
    const name = `tag.${Buffer.from('of old').toString('base64url')}`;
    await marking.service.api.artefacts.put(keys.mark('alice', lost, name), new Uint8Array());
    await until(async () => (await marking.tags()).find(({ tag }) => tag === 'of old')?.videos === 2);
    while ((await marking.marksIn(lost)).length > 0) expect(await foundBy('tag=of old')).toEqual([id]);
    expect((await marking.tags()).find(({ tag }) => tag === 'of old')?.videos).toBe(1);
    expect(await marking.marksIn(id)).toEqual([name]);
  });
});

describe('while the store is silent', () => {
  it('videos are shown as they were last known, and what needs the marks says what is wrong', async () => {
    const { id } = await marking.made();
    await marking.mark(id, { starred: true });
    const store = new OddStore(marking.service.api.artefacts as LocalStore);
    const [api, another] = [await marking.another({ artefacts: store }), await marking.another({ artefacts: store })];
    const shown = async (at = api) => (await (await marking.askAt(at, `/${id}`)).json()) as Video;
    expect(await shown()).toMatchObject({ starred: true });
    for (const silence of [() => Promise.reject(new Error('no answer')), () => new Promise<never>(() => {})]) {
      store.before = silence;
      // The longer the last list took, the longer it answers.
      await until(async () => (await marking.askAt(api, '?starred=true')).status !== 200);
      expect(await shown()).toMatchObject({ id, starred: true });
      // It never knew them.
      expect(await shown(another)).toMatchObject({ id, starred: false, tags: [] });
      expect((await marking.askAt(another, '')).status).toBe(200);
      const refused = await Promise.all([
        marking.askAt(api, '?starred=true'),
        marking.askAt(api, `/${id}`, 'POST', { starred: false }),
        marking.askAt(api, '/../tags'),
      ]);
      for (const response of refused) expect(await codeOf(response)).toEqual([503, 'service_unavailable']);
    }
    store.before = () => Promise.reject(new StoreDeniedError('s3:PutObject', 'no'));
    expect(await codeOf(await marking.askAt(another, `/${id}`, 'POST', {}))).toEqual([500, 'storage_denied']);
    store.before = async () => {};
    await until(async () => (await shown(another)).starred);
    await Promise.all([api.stop(), another.stop()]);
  });
});

describe('an account', () => {
  it('has so many marks at most, and may change them still', async () => {
    const { artefacts } = marking.service.api;
    for (let video = 0; video < 3; video++) {
      const folder = keys.marks('bob', newVideoId());
      const names = Array.from({ length: 20 }, (_, tag) => `tag.${Buffer.from(`tag ${tag}`).toString('base64url')}`);
      await Promise.all(names.map((name) => artefacts.put(`${folder}${name}`, new Uint8Array())));
    }
    const api = await marking.another({ marks: new Marks(artefacts, 60) });
    const ask = (path: string, method: string, body?: object) => marking.askAt(api, path, method, body, 'bob');
    const { id } = (await (await ask('', 'POST', { prompt: 'a cat' })).json()) as Video;
    const mark = (change: object) => ask(`/${id}`, 'POST', change);
    expect(await codeOf(await mark({ starred: true }))).toEqual([400, 'too_many_marks']);
    expect((await mark({ starred: false, tags: [] })).status).toBe(200);
    expect(await marking.tags('', 'bob')).toHaveLength(20);
    expect((await marking.list('tag=tag 1', 'bob')).data).toEqual([]);
    await ask(`/${id}`, 'DELETE');
    await api.stop();
  });
});

describe('an API process that is killed while it writes marks', () => {
  it('leaves what the next request completes, at another process', async () => {
    const accounts = [{ id: 'alice', keys: ['of-alice'] }];
    const apis = await ApiProcesses.start(2, marking.service.server.address, accounts);
    const { id } = (await (await apis.post(0, 'of-alice', { prompt: 'a cat' })).json()) as Video;
    const tags = Array.from({ length: 20 }, (_, i) => `tag ${i}`).toSorted();
    const mark = (process: number, change: object) =>
      fetch(`${apis.urls[process]}/v1/videos/${id}`, {
        method: 'POST',
        headers: { authorization: 'Bearer of-alice', 'content-type': 'application/json' },
        body: JSON.stringify(change),
      });
    const broken = mark(0, { starred: true, tags }).catch(() => null);
    await sleep(5);
    apis.processes[0]!.kill('SIGKILL');
    await broken;
    const marked = (await (await mark(1, { starred: true, tags })).json()) as Video;
    expect([marked.starred, marked.tags.toSorted()]).toEqual([true, tags]);
    expect(await (await mark(1, { starred: false, tags: [] })).json()).toMatchObject({ starred: false, tags: [] });
    await apis.stop();
  });
});

/** The same folder, where something happens before each write and list. */
class OddStore extends LocalStore {
  before: (operation: 'put' | 'list') => Promise<void> = async () => {};

  constructor(store: LocalStore) {
    super(new URL(store.url).pathname);
  }

  override async put(...args: Parameters<LocalStore['put']>): ReturnType<LocalStore['put']> {
    await this.before('put');
    return await super.put(...args);
  }

  override async *list(prefix: string): AsyncGenerator<Awaited<ReturnType<LocalStore['put']>>> {
    await this.before('list');
    yield* super.list(prefix);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Video, VideoList } from '../../../api/jobs/video-schema.ts';
import type { TestApi } from '../../support/services/api.ts';
import { MarkingService } from '../../support/services/marking-service.ts';
import { codeOf } from '../../support/services/sharing-service.ts';
import { until } from '../../../tools/harness/patience.ts';

let marking: MarkingService;
let other: TestApi;
beforeAll(async () => {
  marking = await MarkingService.start();
  other = await marking.another();
});
afterAll(async () => {
  await other?.stop();
  await marking?.stop();
});

describe('a star and tags', () => {
  it('stay until they are taken, whatever else is changed, and are the same wherever the video is shown', async () => {
    const video = await marking.made();
    expect(video).toMatchObject({ starred: false, tags: [] });
    const starred = await marking.mark(video.id, { starred: true });
    expect(starred).toEqual({ ...video, starred: true });
    const tagged = await marking.mark(video.id, { tags: ['winter', 'Alps'] });
    expect(tagged).toEqual({ ...video, starred: true, tags: ['Alps', 'winter'] });
    expect(await marking.mark(video.id, {})).toEqual(tagged);
    expect(await marking.get(`/${video.id}`)).toEqual(tagged);
    expect((await marking.list('')).data).toContainEqual(tagged);
    const events = await (await marking.ask(`/${video.id}/events`)).text();
    expect(JSON.parse(/^data: (.*)$/m.exec(events)![1]!)).toEqual(tagged);
    expect(await marking.mark(video.id, { starred: false, tags: ['alps'] })).toEqual({ ...video, tags: ['alps'] });
    expect(await marking.mark(video.id, { tags: [] })).toEqual(video);
    expect(await marking.marksIn(video.id)).toEqual([]);
  });

  it('are taken whatever the status of the video, and are in the answer to a request that comes again', async () => {
    const { release } = marking.holdGenerate();
    const headers = { 'idempotency-key': 'once' };
    const create = () => marking.service.request('', 'POST', { prompt: 'a cat', n: 2 }, headers);
    const { id, group_id } = (await (await create()).json()) as Video;
    await marking.mark(id, { starred: true, tags: ['soon'] });
    const marks = { id, starred: true, tags: ['soon'] };
    expect(await (await create()).json()).toMatchObject(marks);
    expect((await marking.list('starred=true&status=completed')).data.map((video) => video.id)).not.toContain(id);
    const group = (await marking.get(`/groups/${group_id}`)) as unknown as VideoList;
    expect(group.data).toMatchObject([marks, { starred: false, tags: [] }]);
    expect(await (await marking.ask(`/${id}/cancel`, 'POST')).json()).toMatchObject(marks);
    release();
    expect(await marking.service.finished(id)).toMatchObject({ ...marks, status: 'failed' });
  });

  it('reach clients that follow the video', async () => {
    const { release } = marking.holdGenerate();
    const { id } = await marking.service.create();
    const stream = (await marking.ask(`/${id}/events`)).body!.pipeThrough(new TextDecoderStream());
    let seen = '';
    const marked = (async () => {
      for await (const text of stream) if ((seen += text).includes('"tags":["now"]')) return true;
      return false;
    })();
    await sleep(1000);
    await marking.mark(id, { tags: ['now'] });
    expect(await marked).toBe(true);
    release();
  });

  it('hold what people write: any script, any case, any blanks', async () => {
    const { id } = await marking.made();
    const given = [
      '  Très   jolie ',
      'TRE\u0300S JOLIE',
      '夜の街',
      'Ŝtato',
      '👩‍🚀',
      "'; DROP TABLE --",
      '../../star',
      '%2F',
      'a/b',
    ];
    const kept = ['👩‍🚀', '../../star', "'; DROP TABLE --", '%2F', 'a/b', 'Ŝtato', 'Très jolie', 'TRÈS JOLIE', '夜の街'];
    const { tags } = await marking.mark(id, { tags: given });
    expect(tags.toSorted()).toEqual(kept.filter((tag) => tag !== 'TRÈS JOLIE').toSorted());
    expect(await marking.get(`/${id}`)).toMatchObject({ tags });
    for (const tag of tags) {
      expect((await marking.list(`tag=${encodeURIComponent(tag)}`)).data.map((video) => video.id)).toEqual([id]);
    }
    expect(await marking.mark(id, { tags: ['😀'.repeat(32)] })).toMatchObject({ tags: ['😀'.repeat(32)] });
    await marking.mark(id, { tags: [] });
  });

  it.each([
    [{ starred: 'yes' }, 'starred'],
    [{ starred: 1 }, 'starred'],
    [{ tags: 7 }, 'tags'],
    [{ tags: ['a', 7] }, 'tags'],
    [{ tags: [''] }, 'tags'],
    [{ tags: ['x'.repeat(33)] }, 'tags'],
    [{ tags: ['a,b'] }, 'tags'],
    [{ tags: ['bell\u0007'] }, 'tags'],
    [{ tags: ['half \ud83d'] }, 'tags'],
    [{ tags: Array.from({ length: 21 }, (_, i) => `${i}`) }, 'tags'],
    [{ tags: { 0: 'a' } }, 'tags'],
  ])('are refused by name where they cannot be kept: %j', async (fields, param) => {
    const response = await marking.ask(`/${marking.video.id}`, 'POST', fields);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'invalid_value', param } }]);
    expect(await marking.get(`/${marking.video.id}`)).toMatchObject({ starred: false, tags: [] });
  });
});

describe('videos are found', () => {
  let ids: string[];
  beforeAll(async () => {
    ids = [];
    for (let i = 0; i < 5; i++) ids.push((await marking.made()).id);
    await marking.mark(ids[0]!, { starred: true, tags: ['Cats'] });
    await marking.mark(ids[1]!, { tags: ['cats', 'night'] });
    await marking.mark(ids[2]!, { starred: true, tags: ['cats', 'night'] });
    await marking.mark(ids[3]!, { starred: true });
  });
  const found = async (query: string, account?: string) =>
    (await marking.list(query, account)).data.map(({ id }) => id).filter((id) => ids.includes(id));
  const at = (...places: number[]) => places.map((place) => ids[place]!);

  it('by star, by tags, by both, and by what a list can be narrowed to otherwise', async () => {
    expect(await found('starred=true')).toEqual(at(3, 2, 0));
    expect(await found('starred=false')).toEqual(at(4, 3, 2, 1, 0));
    expect(await found('tag=CATS')).toEqual(at(2, 1, 0));
    expect(await found('tag=cats&tag=night')).toEqual(at(2, 1));
    expect(await found('tag=cats,%20night&order=asc')).toEqual(at(1, 2));
    expect(await found('tag=night&starred=true&status=completed')).toEqual(at(2));
    for (const none of [
      'tag=dogs',
      'tag=cats&status=failed',
      'tag=cats&model=another',
      `tag=cats&group_id=group_${'0'.repeat(32)}`,
    ]) {
      expect(await marking.list(none)).toMatchObject({ data: [], has_more: false, first_id: null });
    }
  });

  it('page by page, each once, after one that is no longer there too', async () => {
    expect(await marking.list('tag=cats&limit=2')).toMatchObject({ first_id: ids[2], last_id: ids[1], has_more: true });
    expect(await marking.list(`tag=cats&limit=2&after=${ids[1]}`)).toMatchObject({ first_id: ids[0], has_more: false });
    const { id } = await marking.made();
    await marking.mark(id, { tags: ['cats'] });
    expect((await marking.list('tag=cats&limit=1')).first_id).toBe(id);
    await marking.ask(`/${id}`, 'DELETE');
    expect(await marking.list(`tag=cats&limit=1&after=${id}`)).toMatchObject({ first_id: ids[2], has_more: true });
    expect((await marking.list('tag=cats&limit=1')).first_id).toBe(ids[2]);
  });

  it('right after they were marked, and at every other process soon after', async () => {
    await found('tag=fresh');
    for (let round = 0; round < 5; round++) {
      await marking.mark(ids[4]!, { tags: ['fresh'] });
      expect(await found('tag=fresh')).toEqual(at(4));
      await marking.mark(ids[4]!, { tags: [] });
      expect(await found('tag=fresh')).toEqual([]);
    }
    await marking.mark(ids[4]!, { tags: ['fresh'] });
    const elsewhere = async () => ((await (await marking.askAt(other, '?tag=fresh')).json()) as VideoList).data.length;
    await until(async () => (await elsewhere()) !== 0);
    // What a process writes counts, whatever it had read before.
    await marking.askAt(other, `/${ids[4]}`, 'POST', { starred: true });
    expect(await (await marking.askAt(other, `/${ids[4]}`)).json()).toMatchObject({ starred: true, tags: ['fresh'] });
    await marking.mark(ids[4]!, { starred: false, tags: [] });
  });

  it('with their tags counted, most used first', async () => {
    const tags = await marking.tags();
    expect(tags.slice(0, 2)).toEqual([
      { tag: 'cats', videos: 3 },
      { tag: 'night', videos: 2 },
    ]);
    expect(new Set(tags.slice(2).map(({ videos }) => videos))).toEqual(new Set([1]));
  });

  it.each([
    ['starred=perhaps', 'starred'],
    ['starred=true&starred=true', 'starred'],
    ['tag=,', 'tag'],
    [`tag=${'x'.repeat(33)}`, 'tag'],
    ['tag=%00', 'tag'],
    [`tag=${Array.from({ length: 21 }, (_, i) => i).join()}`, 'tag'],
  ])('not by %s, and the answer names the field', async (query, param) => {
    const response = await marking.ask(`?${query}`);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'invalid_value', param } }]);
  });

  it('by those whose videos they are: others can neither see nor change a mark, and an operator marks for them', async () => {
    expect(await found('starred=true', 'bob')).toEqual([]);
    expect(await marking.tags('', 'bob')).toEqual([]);
    expect(await marking.tags('?account=alice', 'bob')).toEqual([]);
    const refused = await marking.ask(`/${ids[0]}`, 'POST', { starred: false }, 'bob');
    expect(await codeOf(refused)).toEqual([404, 'video_not_found']);
    expect(await codeOf(await marking.ask('/video_none', 'POST', { starred: true }))).toEqual([404, 'video_not_found']);
    await marking.ask(`/${ids[4]}`, 'POST', { tags: ['by the operator'] }, 'root');
    expect(await found('tag=by the operator')).toEqual(at(4));
    expect(await found('tag=by the operator', 'root')).toEqual([]);
    expect(await found('tag=by the operator&account=alice', 'root')).toEqual(at(4));
    expect(await marking.tags('', 'root')).toEqual([]);
    expect(await marking.tags('?account=alice', 'root')).toContainEqual({ tag: 'by the operator', videos: 1 });
    // What is no account's id names nobody else's marks.
    const odd = await marking.ask(`?tag=cats&account=alice/${ids[0]}`, 'GET', undefined, 'root');
    expect(await odd.json()).toMatchObject({ data: [] });
  });
});

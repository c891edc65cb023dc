import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Video, VideoList } from '../../../api/jobs/video-schema.ts';
import { newVideoId } from '../../../api/jobs/video-object.ts';
import type { VideoSpec } from '../../../contract/video-job.ts';
import { startVideo } from '../../../temporal/start-video.ts';
import { jobOf } from '../../../tools/harness/model/clips.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { startTestApi } from '../../support/services/api.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';
import { until } from '../../../tools/harness/patience.ts';

const PROMPTS = {
  fox: 'A red fox runs through the snow, 4k, slow-motion',
  redwood: 'Redwood trees, don’t move',
  cafe: 'Ein Café in der Straße, ΟΔΥΣΣΕΥΣ liest',
  tokyo: '東京の夜景、雨が降っている',
  seoul: '한국의 바다',
  quoted: 'a sign that says "RED"\\ OR 1=1',
};
type Name = keyof typeof PROMPTS;

let service: StandInService;
const ids = {} as Record<Name | 'of bob', string>;

/** Starts one without a worker: it stays as it is. */
async function start(accountId: string, spec: Partial<VideoSpec>, at = Date.now()): Promise<string> {
  const input = { ...jobOf(newVideoId(at), spec), accountId, createdAt: Math.floor(at / 1000) };
  await startVideo(service.client, input);
  return input.videoId;
}

const ask = (query: Record<string, string>, key = 'of-alice') =>
  service.request(`?${new URLSearchParams(query).toString()}`, 'GET', undefined, { authorization: `Bearer ${key}` });
const found = async (query: Record<string, string>, key?: string): Promise<string[]> =>
  ((await (await ask(query, key)).json()) as VideoList).data.map(({ id }) => id);

async function untilListed(count: number, query: Record<string, string> = {}, key = 'of-root'): Promise<void> {
  await until(async () => (await found({ limit: '100', ...query }, key)).length >= count);
}

/** Ids that an API process finds which has started none of the videos. */
async function foundElsewhere(query: string): Promise<string[]> {
  const other = await startTestApi({ client: () => service.client });
  for (let data: Video[] = []; ; await sleep(100)) {
    ({ data } = (await (await fetch(`${other.url}/v1/videos?account=alice&${query}`)).json()) as VideoList);
    if (data.length === 0) continue;
    await other.stop();
    return data.map(({ id }) => id);
  }
}

beforeAll(async () => {
  const accounts = await testRegistry(
    { id: 'alice', keys: ['of-alice'] },
    { id: 'bob', keys: ['of-bob'] },
    { id: 'root', keys: ['of-root'], admin: true },
  );
  service = await StandInService.start({ accounts, apiKey: 'of-alice' });
  for (const [name, prompt] of Object.entries(PROMPTS)) ids[name as Name] = await start('alice', { prompt });
  ids['of bob'] = await start('bob', { prompt: PROMPTS.fox, width: 128, height: 96 });
  await untilListed(Object.keys(ids).length);
});
afterAll(() => service?.stop());

describe('a search by words', () => {
  it.each<[string, Name[]]>([
    ['fox', ['fox']],
    ['FOX Red', ['fox']],
    ['r', ['fox', 'redwood', 'quoted']],
    ['re', ['fox', 'redwood', 'quoted']],
    ['redw', ['redwood']],
    ['redwoods', []],
    ['red trees', ['redwood']],
    ['ox', []],
    ['slow motion', ['fox']],
    ['slow-mo', ['fox']],
    ['4k', ['fox']],
    ["don't", ['redwood']],
    ['dont', ['redwood']],
    ['cafe', ['cafe']],
    ['CAFÉ', ['cafe']],
    ['strasse', ['cafe']],
    ['οδυσσευς', ['cafe']],
    ['Οδυσσε', ['cafe']],
    ['東京', ['tokyo']],
    ['東', ['tokyo']],
    ['雨 夜景', ['tokyo']],
    ['한국', ['seoul']],
    ['바', ['seoul']],
    ['𝐟𝐨𝐱', ['fox']],
    ['says "red"', ['quoted']],
    ['" OR AccountId = "bob', []],
    ['") OR (1=1', ['quoted']],
    ['red\\', ['fox', 'redwood', 'quoted']],
    ["red' --", ['fox', 'redwood', 'quoted']],
  ])('for %s finds each video that has a word beginning with each of them, and no other', async (q, names) => {
    expect((await found({ q })).toSorted()).toEqual(names.map((name) => ids[name]).toSorted());
  });

  it('never finds a video of another account, whatever is asked', async () => {
    expect(await found({ q: 'fox' }, 'of-bob')).toEqual([ids['of bob']]);
    expect(await found({ q: 'fox', account: 'bob' })).toEqual([ids.fox]);
    expect(await found({ q: 'redwood' }, 'of-bob')).toEqual([]);
    expect((await found({ q: 'fox' }, 'of-root')).toSorted()).toEqual([ids.fox, ids['of bob']].toSorted());
    expect(await found({ q: 'fox', account: 'bob' }, 'of-root')).toEqual([ids['of bob']]);
  });

  it.each([{ q: '🦊 !?' }, { q: ' " ' }, { q: 'x'.repeat(201) }, { size: '480p' }, { size: '848 x 480' }])(
    'refuses %j and names the field',
    async (query) => {
      const response = await ask(query as unknown as Record<string, string>);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: 'invalid_value', param: Object.keys(query)[0] } });
    },
  );

  it('takes as many words as fit into 200 characters', async () => {
    const letters = Array.from('abcdefghijklmnopqrstuvwxyz0123456789').join(' ');
    expect(await found({ q: `${letters} ${letters}` })).toEqual([]);
    expect(await found({ q: 'a red fox runs through the snow 4k slow motion fo ru th sn sl mo' })).toEqual([ids.fox]);
  });

  it('goes together with size, model and status', async () => {
    expect(await found({ q: 'fox', size: '128x96' }, 'of-root')).toEqual([ids['of bob']]);
    expect(await found({ size: '128x96' }, 'of-root')).toEqual([ids['of bob']]);
    expect(await found({ q: 'fox', size: '128x96' })).toEqual([]);
    expect(await found({ q: 'fox', model: 'mochi-tiny', status: 'queued' })).toEqual([ids.fox]);
    expect(await found({ q: 'fox', status: 'completed' })).toEqual([]);
  });

  it('finds a video in the moment after it was started', async () => {
    const word = 'kingfisher';
    const { id } = (await (
      await service.request('', 'POST', { prompt: `a ${word}`, size: '848x480' })
    ).json()) as Video;
    expect(await found({ q: 'kingf' })).toEqual([id]);
    expect(await found({ q: 'kingf', size: '848x480' })).toEqual([id]);
    expect(await found({ q: 'kingf', size: '128x96' })).toEqual([]);
    expect(await found({ q: 'kingfishers' })).toEqual([]);
    expect(await found({ q: 'kingf' }, 'of-bob')).toEqual([]);
    // What another process, which has not started it, finds a moment later.
    expect(await foundElsewhere('q=kingf&size=848x480')).toEqual([id]);
  });

  it('finds a video that was retried', async () => {
    const id = await start('alice', { prompt: 'a puffin' });
    await untilListed(1, { q: 'puffin' });
    await service.client.workflow.getHandle(id).terminate();
    await until(async () => (await found({ q: 'puffin', status: 'failed' })).includes(id));
    expect((await service.request(`/${id}/retry`, 'POST')).status).toBe(200);
    expect(await foundElsewhere('q=puffin&status=queued')).toEqual([id]);
  });

  it('lets no prompt be refused for its words, and finds a long one by its first hundred', async () => {
    const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
    const words = letters.flatMap((a) => letters.map((b) => `${a}${b}${a}${b}${b}`));
    const long = await start('alice', { prompt: words.join(' ') });
    const kanji = Array.from({ length: 1_500 }, (_, i) => String.fromCodePoint(0x20_000 + 7 * i));
    const rare = await start('alice', { prompt: kanji.join(' ') });
    await untilListed(1, { q: kanji[0]! });
    await untilListed(1, { q: words[0]! });
    expect(await found({ q: `${words[0]} ${words[50]}` })).toEqual([long]);
    expect(await found({ q: words.at(-1)! })).toEqual([]);
    expect(await found({ q: `${kanji[0]} ${kanji[100]}` })).toEqual([rare]);
  });
});

describe('a search among hundreds of videos', () => {
  const COUNT = 450;
  const COLOURS = ['crimson', 'crimped', 'cyan'];
  const many: string[] = [];

  beforeAll(async () => {
    const starts = Array.from({ length: COUNT }, (_, i) => {
      const prompt = `${COLOURS[i % 3]} balloon ${i === 77 ? 'zeppelin' : 'rising'}`;
      // Some share a second.
      return start('bob', { prompt }, Date.parse('2026-11-01') + 250 * i);
    });
    many.push(...(await Promise.all(starts)));
    for (let listed = 0; listed < COUNT; await sleep(100)) {
      listed = (await service.client.workflow.count('AccountId = "bob" AND Words = "ballo"')).count;
    }
  });

  it.each(['asc', 'desc'] as const)('gives each once, in exact order (%s), page by page', async (order) => {
    const seen: string[] = [];
    for (let after = ''; ;) {
      const response = await ask({ q: 'balloon crims', order, limit: '40', ...(after && { after }) }, 'of-bob');
      const page = (await response.json()) as VideoList;
      seen.push(...page.data.map(({ id }) => id));
      if (!page.has_more) break;
      after = page.last_id!;
    }
    const crimson = many.filter((_, i) => i % 3 === 0);
    expect(seen).toEqual(order === 'asc' ? crimson : crimson.toReversed());
  });

  it('reads nothing but what it shows, where it is for a rare word', async () => {
    const before = service.describes;
    expect(await found({ q: 'zeppelin', order: 'asc' }, 'of-bob')).toEqual([many[77]]);
    // Hundreds have other words; a busy service reads one or two for itself meanwhile.
    expect(service.describes - before).toBeLessThanOrEqual(10);
    expect(await found({ q: 'zeppelins' }, 'of-bob')).toEqual([]);
    expect(service.describes - before).toBeLessThanOrEqual(10);
  });

  it('skips and repeats nothing while videos are deleted between its pages', async () => {
    const first = await found({ q: 'cyan', limit: '10' }, 'of-bob');
    const last = first.at(-1)!;
    await service.client.workflow.getHandle(last).terminate();
    const authorization = 'Bearer of-bob';
    expect((await service.request(`/${last}`, 'DELETE', undefined, { authorization })).status).toBe(200);
    const cyan = many.filter((_, i) => i % 3 === 2).toReversed();
    expect(first).toEqual(cyan.slice(0, 10));
    expect(await found({ q: 'cyan', limit: '10', after: last }, 'of-bob')).toEqual(cyan.slice(10, 20));
  });
});

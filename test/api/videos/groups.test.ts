import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreatedVideo, Video, VideoList } from '../../../api/jobs/video-schema.ts';
import type { AccountRegistry } from '../../../platform/accounts/registry.ts';
import { failure } from '../../../contract/failure.ts';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import { gate } from '../../../tools/harness/gate.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { untilCancelled } from '../../../tools/harness/services/stand-in-workers.ts';
import { startTestApi } from '../../support/services/api.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

const PROMPT = 'a red circle';
/** The prompt of videos that are made only until they are cancelled. */
const ENDLESS = 'without end';
const MOST_SEED = Number.MAX_SAFE_INTEGER;

let accounts: AccountRegistry;
let service: StandInService;
/** While it is closed, nothing is finished. */
const held = gate();
/** Seeds that a GPU fails on. */
const failing = new Set<number>();

beforeAll(async () => {
  accounts = await testRegistry(
    { id: 'alice', keys: ['of-alice'] },
    { id: 'bob', keys: ['of-bob'] },
    { id: 'few', keys: ['of-few'], limits: { running: 4 } },
    { id: 'rare', keys: ['of-rare'], limits: { requests_per_minute: 5 } },
    { id: 'operator', keys: ['of-operator'], admin: true },
  );
  service = await StandInService.start({ accounts, apiKey: 'of-alice' });
  service.workers.generate = async ({ spec }, beat) => {
    if (spec.prompt === ENDLESS) await untilCancelled(() => beat({ phase: 'denoising', step: 1 }));
    if (failing.has(spec.seed)) throw failure('out_of_memory');
    await held.opened;
  };
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
});
afterAll(async () => {
  held.open();
  await service?.stop();
});

const as = (account: string) => ({ authorization: `Bearer of-${account}` });
const post = (body: object, headers: Record<string, string> = {}) =>
  service.request('', 'POST', { prompt: PROMPT, num_frames: 7, ...body }, headers);
const create = async (body: object, headers?: Record<string, string>): Promise<CreatedVideo> => {
  const answer = await post(body, headers);
  expect(answer.status).toBe(200);
  return (await answer.json()) as CreatedVideo;
};
const list = async (answer: Promise<Response>): Promise<Video[]> => ((await (await answer).json()) as VideoList).data;
const groupOf = (id: string) => list(service.request(`/groups/${id}`));
const errorOf = async (answer: Promise<Response>) => {
  const response = await answer;
  const { error } = (await response.json()) as { error: { code: string; param: string | null; message: string } };
  return { status: response.status, ...error };
};
async function untilGroup(id: string, wanted: (videos: Video[]) => boolean): Promise<Video[]> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); ; await pause()) {
    const videos = await groupOf(id);
    if (wanted(videos)) return videos;
    if (Date.now() > end) throw new Error(`${JSON.stringify(videos)} are not as wanted`);
  }
}
const finished = ({ status }: Video) => status === 'completed' || status === 'failed';

describe('several videos of one request', () => {
  it('are each a video of its own with the next seed, and are found as a group at once, at any process', async () => {
    const first = await create({ n: 3, seed: MOST_SEED - 1 });
    expect(first).toMatchObject({ object: 'video', status: 'queued', group_index: 0, seed: MOST_SEED - 1 });
    expect(first.group).toHaveLength(3);
    expect(first.group![0]).toBe(first.id);
    const found = await groupOf(first.group_id!);
    expect(found.map(({ id }) => id)).toEqual(first.group);
    expect(found.map(({ seed }) => seed)).toEqual([MOST_SEED - 1, MOST_SEED, 0]);
    expect(found.map(({ group_index }) => group_index)).toEqual([0, 1, 2]);
    expect(new Set(found.map((video) => JSON.stringify([video.group_id, video.prompt, video.created_at]))).size).toBe(
      1,
    );
    // Lists bring them too, this process's at once.
    const listed = await list(service.request(`?group_id=${first.group_id}&order=asc`));
    expect(listed.map(({ id }) => id)).toEqual(first.group);
    const other = await startTestApi({ client: () => service.client, accounts });
    const elsewhere = await fetch(`${other.url}/v1/videos/groups/${first.group_id}`, { headers: as('alice') });
    expect(((await elsewhere.json()) as VideoList).data.map(({ id }) => id)).toEqual(first.group);
    await other.stop();

    held.open();
    const made = await untilGroup(first.group_id!, (videos) => videos.every(finished));
    expect(made.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
    for (const { id } of made) expect((await service.request(`/${id}/content`)).status).toBe(200);
  });

  it('have each a seed that is drawn where none is asked for, and it stays', async () => {
    const { group_id: id } = await create({ num_outputs_per_prompt: 8 });
    const seeds = (videos: Video[]) => videos.map(({ seed }) => seed);
    const before = await groupOf(id!);
    expect(new Set(seeds(before)).size).toBe(8);
    expect(seeds(await untilGroup(id!, (videos) => videos.every(finished)))).toEqual(seeds(before));
  });

  it("are asked for with OpenAI's client, which gets a video", async () => {
    const video = await service.openai.videos.create({ prompt: PROMPT, extra_body: { n: 2, seed: 5 } } as never);
    expect(video).toMatchObject({ object: 'video', group_index: 0, seed: 5 });
    expect((video as unknown as CreatedVideo).group).toHaveLength(2);
    expect((await service.finished(video.id)).status).toBe('completed');
  });

  it('are no group where there is one', async () => {
    for (const body of [{}, { n: 1 }, { n: '1' }]) {
      const one = await create(body);
      expect(one).toMatchObject({ group_id: null, group_index: null });
      expect(one).not.toHaveProperty('group');
      const answer = errorOf(service.request(`/groups/${one.id.replace('video', 'group')}`));
      expect(await answer).toMatchObject({ status: 404, code: 'group_not_found' });
    }
  });

  it.each([{ n: 0 }, { n: 9 }, { n: 1.5 }, { n: 'many' }, { n: 2, num_outputs_per_prompt: 3 }])(
    'are from one to eight: %j',
    async (body) => {
      const param = 'num_outputs_per_prompt' in body ? 'num_outputs_per_prompt' : 'n';
      expect(await errorOf(post(body))).toMatchObject({ status: 400, code: 'invalid_value', param });
    },
  );

  it('are the same ones for the same Idempotency-Key, and another number is a mistake', async () => {
    const key = { 'idempotency-key': 'group' };
    const answers = await Promise.all([1, 2, 3].map(() => create({ n: 4 }, key)));
    const later = await create({ n: 4 }, key);
    expect(new Set([...answers, later].map(({ group }) => JSON.stringify(group))).size).toBe(1);
    expect(await groupOf(later.group_id!)).toHaveLength(4);
    for (const body of [{ n: 3 }, {}]) {
      expect(await errorOf(post(body, key))).toMatchObject({ status: 409, code: 'idempotency_conflict' });
    }
    await service.openai.videos.delete(later.group![2]!);
    expect((await create({ n: 4 }, key)).group).toEqual(later.group);
    expect((await groupOf(later.group_id!)).map(({ group_index }) => group_index)).toEqual([0, 1, 3]);
  });
});

describe('a group', () => {
  it('is stopped as a whole, but for what is finished', async () => {
    const { group_id: id, group } = await create({ n: 3, prompt: ENDLESS });
    await service.until(group![1]!, ({ status }) => status === 'in_progress');
    await service.request(`/${group![1]}/cancel`, 'POST');
    await service.finished(group![1]!);
    const answered = await list(service.request(`/groups/${id}/cancel`, 'POST'));
    expect(answered.map((video) => video.id)).toEqual(group);
    const stopped = await untilGroup(id!, (videos) => videos.every(finished));
    expect(stopped.map(({ error }) => error?.code)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  it('is tried again where it failed, and nowhere else', async () => {
    [101, 102].forEach((seed) => failing.add(seed));
    const { group_id: id, group } = await create({ n: 3, seed: 100 });
    const before = await untilGroup(id!, (videos) => videos.every(finished));
    expect(before.map(({ status }) => status)).toEqual(['completed', 'failed', 'failed']);
    failing.clear();
    const answered = await list(service.request(`/groups/${id}/retry`, 'POST'));
    expect(answered.map((video) => video.id)).toEqual(group);
    expect(answered[0]).toMatchObject({ completed_at: before[0]!.completed_at });
    const after = await untilGroup(id!, (videos) => videos.every(finished));
    expect(after.map(({ status, group_id, seed }) => ({ status, group_id, seed }))).toEqual(
      [100, 101, 102].map((seed) => ({ status: 'completed', group_id: id, seed })),
    );
    expect((await list(service.request(`/groups/${id}/retry`, 'POST'))).map(({ status }) => status)).toEqual(
      after.map(() => 'completed'),
    );
  });

  it('keeps a video that is retried by itself, and gets none that is a remix', async () => {
    failing.add(200);
    const { id, group_id } = await create({ n: 2, seed: 200 });
    expect((await service.finished(id)).status).toBe('failed');
    failing.clear();
    expect(await (await service.request(`/${id}/retry`, 'POST')).json()).toMatchObject({ group_id, group_index: 0 });
    const remix = await service.request(`/${id}/remix`, 'POST', { prompt: 'a blue square' });
    expect(await remix.json()).toMatchObject({ group_id: null, remixed_from_video_id: id });
    expect(await groupOf(group_id!)).toHaveLength(2);
    expect((await service.finished(id)).status).toBe('completed');
  });

  it('is found when its first video was deleted, and gone with its last', async () => {
    const { group_id: id, group } = await create({ n: 2 });
    await untilGroup(id!, (videos) => videos.every(finished));
    await service.openai.videos.delete(group![0]!);
    expect((await untilGroup(id!, (videos) => videos.length === 1))[0]).toMatchObject({
      id: group![1],
      group_index: 1,
    });
    await service.openai.videos.delete(group![1]!);
    expect(await errorOf(service.request(`/groups/${id}`))).toMatchObject({ status: 404, code: 'group_not_found' });
  });

  it('is not there for another account; an operator sees whose it is', async () => {
    const { group_id: id, group } = await create({ n: 2, prompt: ENDLESS });
    for (const [path, method] of [
      [`/groups/${id}`, 'GET'],
      [`/groups/${id}/cancel`, 'POST'],
      [`/groups/${id}/retry`, 'POST'],
    ] as const) {
      const answer = errorOf(service.request(path, method, undefined, as('bob')));
      expect(await answer).toMatchObject({ status: 404, code: 'group_not_found' });
    }
    expect(await list(service.request(`?group_id=${id}`, 'GET', undefined, as('bob')))).toEqual([]);
    const seen = await list(service.request(`/groups/${id}`, 'GET', undefined, as('operator')));
    expect(seen.map(({ id: videoId, account }) => ({ videoId, account }))).toEqual(
      group!.map((videoId) => ({ videoId, account: 'alice' })),
    );
    expect((await groupOf(id!)).map(({ account }) => account)).toEqual([null, null]);
    await service.request(`/groups/${id}/cancel`, 'POST');
    for (const wrong of ['group_1', 'group_*', 'video_0', `${id}0`]) {
      expect((await service.request(`/groups/${wrong}`)).status).toBe(404);
    }
  });
});

describe('the limits of an account', () => {
  it('count every video, and let in all of a group or none', async () => {
    const query = 'AccountId = "few" OR WorkflowType = "reservation"';
    const workflows = async () => (await service.client.workflow.count(query)).count;
    const { group_id: id } = await create({ n: 3, prompt: ENDLESS }, as('few'));
    await sleep(1_500);
    const before = await workflows();
    const refused = await errorOf(post({ n: 2, prompt: ENDLESS }, as('few')));
    expect(refused).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    const estimate = service.request('/estimate', 'POST', { n: 2 }, as('few'));
    expect(await errorOf(estimate)).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect(await errorOf(post({ n: 5 }, as('few')))).toMatchObject({ status: 400, code: 'invalid_value', param: 'n' });
    await sleep(1_500);
    expect(await workflows()).toBe(before);
    await create({ prompt: ENDLESS }, as('few'));
    expect((await service.request(`/groups/${id}/cancel`, 'POST', undefined, as('few'))).status).toBe(200);
  });

  it('count a request for several videos as several', async () => {
    expect(await errorOf(post({ n: 6 }, as('rare')))).toMatchObject({ status: 400, param: 'n' });
    await create({ n: 2 }, as('rare'));
    const refused = await errorOf(fetchOnce({ n: 3 }));
    expect(refused).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect((await fetchOnce({})).status).toBe(200);
    expect((await fetchOnce({})).status).toBe(429);
  });
});

/** Not sent again where it is refused. */
const fetchOnce = (body: object) =>
  fetch(`${service.api.url}/v1/videos`, {
    method: 'POST',
    headers: { ...as('rare'), 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: PROMPT, num_frames: 7, ...body }),
  });

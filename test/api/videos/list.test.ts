import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { BadRequestError } from 'openai';
import type { Video, VideoList } from '../../../api/jobs/video-schema.ts';
import { specOf } from '../../../api/spec/spec.ts';
import { newVideoId } from '../../../api/jobs/video-object.ts';
import { startVideo } from '../../../temporal/start-video.ts';
import { createTemporal } from '../../../api/jobs/temporal.ts';
import type { GenerateVideoInput } from '../../../contract/video-job.ts';
import { MOCHI_1_PROFILE } from '../../../contract/model-profile.ts';
import { PATIENCE_MS, until } from '../../../tools/harness/patience.ts';
import { startTestApi } from '../../support/services/api.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

const JOBS = 400;
/** Jobs of one second. */
const TIES = 40;

let service: StandInService;
/** In ascending order. */
const ids: string[] = [];

beforeAll(async () => {
  service = await StandInService.start();
  const { spec } = specOf({ prompt: 'a red circle' }, { profile: MOCHI_1_PROFILE, aliases: [], drawSeed: () => 0 });
  const temporal = createTemporal(() => service.client, PATIENCE_MS);
  // Without a worker: they stay as they are.
  const inputs: GenerateVideoInput[] = Array.from({ length: JOBS }, (_, i) => {
    const createdAt = Date.parse('2026-11-01') + Math.floor(i / TIES) * 86_400 + (i % TIES);
    const input = { videoId: newVideoId(createdAt), createdAt: Math.floor(createdAt / 1000) };
    return { ...input, accountId: i % 2 === 0 ? 'default' : 'other', spec: { ...spec, seed: i }, warnings: [] };
  });
  ids.push(...inputs.map(({ videoId }) => videoId).toSorted());
  while (inputs.length > 0) {
    await Promise.all(inputs.splice(0, 50).map((input) => temporal.call((client) => startVideo(client, input))));
  }
});
afterAll(() => service?.stop());

const list = async (query: string): Promise<VideoList> =>
  (await (await service.request(`?${query}`)).json()) as VideoList;

describe('the list of videos', () => {
  it.each(['asc', 'desc'] as const)('gives each of 400 once, in exact order (%s), page by page', async (order) => {
    const seen: string[] = [];
    for await (const { id } of service.openai.videos.list({ limit: 100, order })) seen.push(id);
    expect(seen).toEqual(order === 'asc' ? ids : ids.toReversed());
  });

  it('is the same whichever API process is asked', async () => {
    const other = await startTestApi({ client: () => service.client });
    const fromOther = async () => (await (await fetch(`${other.url}/v1/videos?limit=3`)).json()) as VideoList;
    // On a busy machine it answers before it has seen the line.
    await until(async () => !(await fromOther()).data.some((video) => video.queue_position === null));
    expect(await fromOther()).toEqual(await list('limit=3'));
    await other.stop();
  });

  it('asks Temporal a few questions for a page, though it must find half an hour among years', async () => {
    const asked: string[] = [];
    const listening: Interceptor = (options, call) => {
      asked.push(options.method_definition.path);
      return call(options) as ReturnType<Interceptor>;
    };
    const connection = await Connection.connect({ address: service.server.address, interceptors: [listening] });
    const client = new Client({ connection });
    const other = await startTestApi({ client: () => client, lookEveryMs: 600_000 });
    try {
      await fetch(`${other.url}/v1/videos?limit=3`).then((response) => response.text());
      const counts = asked.filter((path) => path.endsWith('/CountWorkflowExecutions'));
      expect(counts.length).toBeGreaterThan(0);
      expect(counts.length).toBeLessThanOrEqual(20);

      // Once it is known how far the page goes, it is one search, and what was just removed another.
      let withoutCounts = 0;
      for (let again = 0; again < 6 && withoutCounts < 3; again++) {
        await sleep(600);
        asked.length = 0;
        await fetch(`${other.url}/v1/videos?limit=3`).then((response) => response.text());
        const searches = asked.filter((path) => /(Count|List)WorkflowExecutions$/.test(path));
        // The line is looked at once a second beside it, here in five parts.
        expect(searches.length).toBeLessThanOrEqual(2 + 2 * Math.ceil(JOBS / 200 + 1));
        if (!searches.some((path) => path.endsWith('/CountWorkflowExecutions'))) withoutCounts++;
      }
      // The service's own first count of what was completed may fall into one of them.
      expect(withoutCounts).toBe(3);
    } finally {
      await other.stop();
      await connection.close();
    }
  });

  it('begins after a video that shares its second with others, and says whether there is more', async () => {
    const at = 300;
    expect(await list(`limit=7&after=${ids[at]}&order=asc`)).toMatchObject({
      object: 'list',
      first_id: ids[at + 1],
      last_id: ids[at + 7],
      has_more: true,
    });
    expect(await list(`limit=5&after=${ids[5]}`)).toMatchObject({ last_id: ids[0], has_more: false });
    expect(await list(`limit=4&after=${ids[5]}`)).toMatchObject({ last_id: ids[1], has_more: true });
    expect(await list(`after=${ids[0]}`)).toEqual({
      object: 'list',
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
    expect((await list('')).data).toHaveLength(20);
  });

  it('skips and repeats nothing while videos are added and deleted between its pages', async () => {
    const first = await list('limit=10');
    const cursor = first.last_id!;
    const added = await service.create();
    await service.client.workflow.getHandle(cursor).terminate();
    expect((await service.request(`/${cursor}`, 'DELETE')).status).toBe(200);
    const second = await list(`limit=10&after=${cursor}`);
    expect(second.data.map(({ id }) => id)).toEqual(ids.toReversed().slice(10, 20));
    const again = await list('limit=10');
    // The newest is first at once, the deleted one gone, and the others as they were.
    expect(again.data.map(({ id }) => id)).toEqual([added.id, ...ids.toReversed().slice(0, 9)]);
    await service.request(`/${added.id}`, 'DELETE');
    expect((await list('limit=1')).first_id).toBe(ids.at(-1));
  });

  it('can be narrowed to a status, a model, and, for an admin, an account', async () => {
    expect((await list(`status=queued&limit=100&order=asc`)).data.map(({ id }) => id)).toEqual(ids.slice(0, 100));
    expect((await list('status=completed')).data).toEqual([]);
    expect((await list('model=another')).data).toEqual([]);
    const ofOther = await list('account=other&limit=100');
    expect(ofOther.data).toHaveLength(100);
    expect(new Set(ofOther.data.map(({ seed }) => seed % 2))).toEqual(new Set([1]));
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=ten', 'limit'],
    ['after=video_unknown', 'after'],
    ['order=up', 'order'],
    ['status=cancelled', 'status'],
    ['limit=1&limit=2', 'limit'],
  ])('refuses %s and names the field', async (query, param) => {
    const response = await service.request(`?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_value', param } });
  });

  it("refuses through OpenAI's client as a bad request", async () => {
    await expect(service.openai.videos.list({ limit: 1000 })).rejects.toThrow(BadRequestError);
  });

  it('shows a video as it shows it alone', async () => {
    const { data } = await list('limit=1');
    expect(data).toEqual([(await (await service.request(`/${ids.at(-1)}`)).json()) as Video]);
  });
});

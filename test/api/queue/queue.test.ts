import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS, pauses, until } from '../../../tools/harness/patience.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import { startTestApi } from '../../support/services/api.ts';
import { scrape } from '../../support/client/scrape.ts';
import { type Generate, untilCancelled } from '../../../tools/harness/services/stand-in-workers.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

let service: StandInService;
/** Seconds that the one GPU takes for a video of 19 frames. */
const JOB_S = 1.5;

/** While true, the GPU does not go on. */
let held = false;

const work: Generate = async (_input, beat) => {
  for (; held; await sleep(50)) beat({ phase: 'denoising', etaSeconds: JOB_S });
  for (let left = JOB_S; left > 0; left -= 0.1) {
    beat({ phase: 'denoising', etaSeconds: Math.ceil(left) });
    await sleep(100);
  }
};

beforeAll(async () => {
  service = await StandInService.start();
  service.workers.generate = work;
  await service.workers.startCpuWorker();
});
afterAll(async () => {
  held = false;
  await service?.stop();
});

const create = () => service.create({ prompt: 'a red circle', num_frames: 19 });

it('without a worker a video has its place in the line, and no time that nobody knows', async () => {
  const first = await create();
  const second = await create();
  expect([first.queue_position, second.queue_position]).toEqual([1, 2]);
  const { queue_position, eta_seconds, status } = await service.retrieve(second.id);
  expect({ queue_position, eta_seconds, status }).toEqual({ queue_position: 2, eta_seconds: null, status: 'queued' });
  await service.workers.startGpuWorker(1);
  const finished = [await service.finished(first.id), await service.finished(second.id)];
  expect(finished).toMatchObject([
    { status: 'completed', queue_position: null, eta_seconds: null },
    { status: 'completed', queue_position: null, eta_seconds: null },
  ]);
});

it('five videos are made in the order of their places, and each is said to take as long as all before it and itself', async () => {
  held = true;
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    ids.push((await create()).id);
    // So that they come to the GPU's queue in this order.
    if (i === 0) await service.until(ids[0]!, ({ status }) => status === 'in_progress');
    else await sleep(300);
  }
  // Temporal lists new workflows a moment after they began; what the first two taught is known a moment later too.
  const places = (videos: readonly Video[]) => videos.map((video) => video.queue_position).join();
  const said = (videos: readonly Video[]) => videos.map((video) => video.eta_seconds);
  const inOrder = (seconds: (number | null)[]) =>
    seconds.every((s, i) => s !== null && (i === 0 || s >= (seconds[i - 1] ?? 0)));
  // They are asked for one by one, and what is known of the running one may change in between.
  const told = (videos: readonly Video[]) => places(videos) === ',1,2,3,4' && inOrder(said(videos));
  let seen: Video[] = [];
  for (const end = Date.now() + PATIENCE_MS; !told(seen) && Date.now() < end; await sleep(500)) {
    seen = await Promise.all(ids.map((id) => service.retrieve(id)));
  }
  expect(places(seen)).toBe(',1,2,3,4');
  held = false;
  const videos = await Promise.all(ids.map((id) => service.finished(id)));
  expect(videos.every(({ status }) => status === 'completed')).toBe(true);
  const ended = videos.map((video) => video.completed_at!);
  expect(ended).toEqual(ended.toSorted((a, b) => a - b));
  // A machine that is busy with other things makes all of them later.
  // Whole seconds of jobs that take about two: neighbours may be told the same.
  expect({ said: said(seen), inOrder: inOrder(said(seen)) }).toMatchObject({ inOrder: true });
  expect(said(seen).at(-1)).toBeGreaterThanOrEqual(4 * JOB_S);
});

it('while the line is longer than the promise, new videos are refused with the wait; those of known keys are not', async () => {
  const api = await startTestApi({ client: () => service.client, limits: { queueWaitS: 3 } });
  const post = (key: string) =>
    fetch(`${api.url}/v1/videos`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ prompt: 'a red circle', num_frames: 19 }),
    });
  const early = (await (await post('early')).json()) as Video;
  await service.finished(early.id);
  held = true;
  const waiting = [await create(), await create(), await create(), await create()];
  const eta = async () =>
    ((await (await fetch(`${api.url}/v1/videos/${waiting.at(-1)!.id}`)).json()) as Video).eta_seconds;
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); ((await eta()) ?? 0) < 3 && Date.now() < end;)
    await pause();

  const refused = await post('late');
  expect(refused.status).toBe(429);
  const { error } = (await refused.json()) as { error: Record<string, string> };
  expect(error).toMatchObject({ code: 'queue_too_long', type: 'rate_limit_error', param: null });
  const said = Number(/would wait about (\d+) s .* 3 s is the most/.exec(error['message']!)![1]);
  expect(said).toBeGreaterThan(3);
  expect(Math.abs(Number(refused.headers.get('retry-after')) - (said - 3))).toBeLessThanOrEqual(1);
  const again = await post('early');
  expect([again.status, await again.json()]).toMatchObject([200, { id: early.id, status: 'completed' }]);

  held = false;
  for (const { id } of waiting) await service.finished(id);
  let taken = await post('late');
  for (const end = Date.now() + PATIENCE_MS; taken.status !== 200 && Date.now() < end; taken = await post('late')) {
    await sleep(200);
  }
  expect(taken.status).toBe(200);
  await service.finished(((await taken.json()) as Video).id);
  await api.stop();
});

describe('a deadline', () => {
  const post = (fields: object) => service.request('', 'POST', { prompt: 'a red circle', num_frames: 19, ...fields });

  it('that cannot be met is refused, with the time that it would take', async () => {
    held = true;
    const waiting = [await create(), await create(), await create(), await create()];
    const refused = await post({ deadline_seconds: 2 });
    expect(refused.status).toBe(400);
    const { error } = (await refused.json()) as { error: Record<string, string> };
    expect(error).toMatchObject({ code: 'deadline_unreachable', param: 'deadline_seconds' });
    expect(Number(/would take about (\d+) s/.exec(error['message']!)![1])).toBeGreaterThanOrEqual(5);
    const wrong = await post({ deadline_seconds: 0 });
    expect(await wrong.json()).toMatchObject({ error: { code: 'invalid_value', param: 'deadline_seconds' } });
    held = false;
    for (const { id } of waiting) await service.finished(id);
  });

  it('ends a job that misses it, frees the GPU, and begins anew with a retry', async () => {
    await sleep(1_100);
    service.workers.generate = (_input, beat) => untilCancelled(() => beat({ phase: 'denoising', step: 1 }));
    const video = (await (await post({ deadline_seconds: 5 })).json()) as Video;
    expect(video.deadline_at).toBeGreaterThanOrEqual(video.created_at + 5);
    const failed = await service.finished(video.id);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'deadline_exceeded' } });
    const late = Date.now() / 1000 - video.deadline_at!;
    expect(late).toBeGreaterThanOrEqual(0);
    service.workers.generate = work;
    const retried = (await (await service.request(`/${video.id}/retry`, 'POST')).json()) as Video;
    expect(retried.deadline_at).toBeGreaterThan(video.deadline_at!);
    expect((await service.finished(video.id)).status).toBe('completed');
  });

  it('a video is overdue once it has taken twice the time that was expected', async () => {
    held = true;
    const video = await create();
    expect(video.overdue).toBe(false);
    await service.until(video.id, ({ overdue }) => overdue);
    // For operators too, who can search for it.
    const attributes = async () => (await service.client.workflow.getHandle(video.id).describe()).searchAttributes;
    await until(async () => (await attributes())['Overdue']?.[0] === true);
    const { series } = await scrape(`${service.api.url}/metrics`);
    expect(series.get('kinora_jobs_overdue')).toBe(1);
    held = false;
    expect(await service.finished(video.id)).toMatchObject({ status: 'completed', overdue: false, deadline_at: null });
  });
});

it('far back in a long line polls cost Temporal next to nothing, and still show how the line moves', async () => {
  held = true;
  await service.until((await create()).id, ({ status }) => status === 'in_progress');
  const others = await Promise.all(Array.from({ length: 43 }, create));
  const last = (await create()).id;
  await service.until(last, ({ queue_position }) => queue_position === 44);
  const describes = () => service.describesOf.get(last) ?? 0;
  const before = describes();
  const since = performance.now();
  for (let i = 0; i < 40; i++) await Promise.all([service.retrieve(last), sleep(100)]);
  // Once in two and a half seconds at this place, where two a second was the price.
  expect(describes() - before).toBeLessThanOrEqual((performance.now() - since) / 2_500 + 2);
  await Promise.all(others.slice(0, 10).map(({ id }) => service.request(`/${id}/cancel`, 'POST')));
  await service.until(last, ({ queue_position }) => queue_position === 34);
  held = false;
});

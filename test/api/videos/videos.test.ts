import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '@temporalio/client';
import type OpenAI from 'openai';
import { BadRequestError } from 'openai';
import type { GenerateVideoInput } from '../../../contract/video-job.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';
import { gate } from '../../../tools/harness/gate.ts';
import { contentOf, type StandInWorkers } from '../../../tools/harness/services/stand-in-workers.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

let service: StandInService;
let client: Client;
let api: TestApi;
let workers: StandInWorkers;
let openai: OpenAI;

beforeAll(async () => {
  service = await StandInService.start();
  ({ client, api, workers, openai } = service);
  await workers.startCpuWorker();
});
afterAll(() => service?.stop());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  service.request(`/${path}`, method, undefined, headers);
const create = (body?: Record<string, unknown>) => service.create(body);
const retrieve = (id: string) => service.retrieve(id);
const until = (id: string, wanted: (video: Video) => boolean) => service.until(id, wanted);
const finished = (id: string) => service.finished(id);
const inputOf = async ({ id }: Video) =>
  (await client.workflow.getHandle(id).describe()).memo?.['input'] as GenerateVideoInput;

// First, while there is no GPU worker yet.
describe('a video that waits for a GPU', () => {
  let video: Video;

  it('is queued from the first answer on, with every key that clients read', async () => {
    const { data, response } = await openai.videos.create({ prompt: 'a red circle', seconds: '4' }).withResponse();
    video = data as unknown as Video;
    expect(response.status).toBe(200);
    expect(response.headers.get('openai-poll-after-ms')).toBe('2000');
    expect(video).toEqual({
      id: expect.stringMatching(/^video_[0-9a-f]{32}$/),
      object: 'video',
      status: 'queued',
      progress: 0,
      prompt: 'a red circle',
      model: 'mochi-1-preview',
      size: '848x480',
      seconds: '4',
      completed_at: null,
      expires_at: null,
      error: null,
      remixed_from_video_id: null,
      group_id: null,
      group_index: null,
      // The one user of a service without keys is its operator.
      account: 'default',
      original_prompt: null,
      starred: false,
      tags: [],
      phase: 'queued',
      step: null,
      steps: null,
      preview_step: null,
      queue_position: 1,
      deadline_at: null,
      overdue: false,
      eta_seconds: null,
      fps: 30,
      num_frames: 120,
      num_inference_steps: 64,
      guidance_scale: 4.5,
      guidance_start: 0,
      guidance_stop: 1,
      negative_prompt: null,
      inference_time_s: null,
      peak_memory_mb: null,
      warnings: [],
      seed: expect.any(Number),
      created_at: expect.any(Number),
    });
    expect(Math.abs(video.created_at - Date.now() / 1000)).toBeLessThan(60);
    // Validated in the meantime, and still no GPU has it.
    await sleep(1500);
    expect(await retrieve(video.id)).toMatchObject({
      status: 'queued',
      phase: 'queued',
      progress: 0,
      seed: video.seed,
    });
  });

  it('has no content yet, which clients are told once and do not ask again', async () => {
    const before = api.requests.length;
    await expect(openai.videos.downloadContent(video.id)).rejects.toThrow(BadRequestError);
    await expect(openai.videos.downloadContent(video.id)).rejects.toMatchObject({ code: 'video_not_ready' });
    expect(api.requests.length - before).toBe(2);
  });

  it('can be found by operators: account, model, stage, and a line that says what it is', async () => {
    const description = await client.workflow.getHandle(video.id).describe();
    expect(description.searchAttributes).toMatchObject({ AccountId: ['default'], Model: ['mochi-1-preview'] });
    expect(await description.staticSummary()).toBe('848x480, 4 s: a red circle');
  });

  it('can be cancelled, for good', async () => {
    const response = await get(`${video.id}/cancel`, {}, 'POST');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: video.id, phase: expect.stringMatching(/cancelling|failed/) });
    expect(await finished(video.id)).toMatchObject({
      status: 'failed',
      error: { code: 'cancelled', message: expect.any(String) },
    });
    const again = await get(`${video.id}/cancel`, {}, 'POST');
    expect([again.status, ((await again.json()) as Video).error?.code]).toEqual([200, 'cancelled']);
  });

  it('is the same job whether the request came as a form or as JSON', async () => {
    const body = { prompt: 'two\nlines', size: '480x848', seconds: '2', seed: 7, fps: 24, guidance_scale: 3.5 };
    const form = await create(body);
    const json = (await (
      await fetch(`${api.url}/v1/videos`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).json()) as Video;
    const [fromForm, fromJson] = await Promise.all([inputOf(form), inputOf(json)]);
    expect(fromForm.spec).toEqual(fromJson.spec);
    expect(fromJson.spec).toMatchObject({
      prompt: 'two\nlines',
      width: 480,
      numFrames: 48,
      seed: 7,
      guidanceScale: 3.5,
    });
    await Promise.all([form, json].map(({ id }) => get(`${id}/cancel`, {}, 'POST')));
    await Promise.all([form, json].map(({ id }) => finished(id)));
  });

  it('gets a seed of its own where none was asked for, and warnings where it is asked for too much', async () => {
    const [one, two] = await Promise.all([create(), create({ num_frames: 241, size: '720p' })]);
    expect(one.seed).not.toBe(two.seed);
    expect(one.warnings).toEqual([]);
    expect(two.warnings).toHaveLength(2);
    await Promise.all([one, two].map(({ id }) => get(`${id}/cancel`, {}, 'POST')));
    await Promise.all([one, two].map(({ id }) => finished(id)));
  });
});

describe('a video that is made', () => {
  let video: Video;

  it('tells its phase, its steps and the time left while it is made, and is there in the end', async () => {
    const [decode, finish] = [gate(), gate()];
    workers.generate = async (_input, beat) => {
      beat({ phase: 'denoising', step: 2, steps: 4, etaSeconds: 12.4 });
      await decode.opened;
      beat({ phase: 'decoding', step: 4, steps: 4, frames: 7, totalFrames: 13, etaSeconds: 3 });
      await finish.opened;
    };
    await workers.startGpuWorker();
    video = await create({ num_inference_steps: 4, seed: 5 });

    const denoising = (await until(video.id, ({ phase }) => phase === 'denoising')).at(-1);
    expect(denoising).toMatchObject({ status: 'in_progress', step: 2, steps: 4 });
    // What the worker has said, and the time to publish.
    expect(denoising!.eta_seconds).toBeGreaterThan(12);
    decode.open();
    const decoding = (await until(video.id, ({ phase }) => phase === 'decoding')).at(-1);
    expect(decoding!.progress).toBeGreaterThan(denoising!.progress);
    expect(decoding!.progress).toBeLessThanOrEqual(99);
    finish.open();

    const done = await finished(video.id);
    expect(done).toMatchObject({
      status: 'completed',
      phase: 'completed',
      progress: 100,
      error: null,
      seed: 5,
      inference_time_s: 1.5,
      peak_memory_mb: 123,
      completed_at: expect.any(Number),
    });
    expect((await get(video.id)).headers.get('openai-poll-after-ms')).toBeNull();
  });

  it('downloads from one API process as soon as another has said that it is finished', async () => {
    const finish = gate();
    workers.generate = () => finish.opened;
    const other = await startTestApi({ client: () => client, artefacts: api.artefacts });
    try {
      const { id } = await create();
      await until(id, ({ status }) => status === 'in_progress');
      finish.open();
      // It looks all the time, and so may remember an older state than the first tells.
      const handle = client.workflow.getHandle(id);
      do {
        await sleep(20);
        await fetch(`${other.url}/v1/videos/${id}`).then((response) => response.text());
      } while ((await handle.describe()).status.name !== 'COMPLETED');
      expect((await fetch(`${other.url}/v1/videos/${id}/content`)).status).toBe(200);
    } finally {
      await other.stop();
    }
  });

  it.each(['video', 'thumbnail', 'spritesheet'] as const)('downloads: %s', async (variant) => {
    const response = await openai.videos.downloadContent(video.id, { variant });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(contentOf(video.id, variant));
    const type = { video: 'video/mp4', thumbnail: 'image/webp', spritesheet: 'image/jpeg' }[variant];
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-disposition')).toMatch(
      new RegExp(`^inline; filename="${video.id}-seed-5\\.(mp4|webp|jpg)"$`),
    );
  });

  it('plays in Safari and can be sought in: ranges, HEAD, and copies that are still right', async () => {
    const path = `${video.id}/content`;
    const whole = contentOf(video.id, 'video');
    const head = await get(path, { range: 'bytes=0-1' }, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(whole.length)]);
    expect(head.headers.get('accept-ranges')).toBe('bytes');
    const etag = head.headers.get('etag')!;

    const part = await get(path, { range: 'bytes=10-19', 'if-range': etag });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 10-19/${whole.length}`);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(10, 20));
    expect((await get(path, { range: 'bytes=10-19', 'if-range': '"other"' })).status).toBe(200);
    expect((await get(path, { range: 'bytes=nonsense' })).status).toBe(200);

    const beyond = await get(path, { range: `bytes=${whole.length}-` });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`]);
    expect(await beyond.json()).toMatchObject({ error: { code: 'range_not_satisfiable' } });

    const known = await get(path, { 'if-none-match': etag });
    expect([known.status, (await known.arrayBuffer()).byteLength]).toEqual([304, 0]);
    expect((await get(path, { accept: 'application/json' })).status).toBe(200);
  });

  it('is not changed by a cancel that comes too late', async () => {
    const response = await get(`${video.id}/cancel`, {}, 'POST');
    expect([response.status, ((await response.json()) as Video).status]).toEqual([200, 'completed']);
  });

  it('is gone, not broken, once its files are removed', async () => {
    await api.artefacts.deletePrefix(`videos/${video.id}/`);
    for (const method of ['GET', 'HEAD']) expect((await get(`${video.id}/content`, {}, method)).status).toBe(410);
    expect(await (await get(`${video.id}/content`)).json()).toMatchObject({ error: { code: 'video_expired' } });
  });
});

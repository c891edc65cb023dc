import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '@temporalio/client';
import type OpenAI from 'openai';
import { NotFoundError } from 'openai';
import { failure } from '../../../contract/failure.ts';
import { CANCEL_SIGNAL } from '../../../contract/names.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import type { TestApi } from '../../support/services/api.ts';
import { gate } from '../../../tools/harness/gate.ts';
import { type StandInWorkers, untilCancelled } from '../../../tools/harness/services/stand-in-workers.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

let service: StandInService;
let client: Client;
let api: TestApi;
let workers: StandInWorkers;
let openai: OpenAI;

beforeAll(async () => {
  service = await StandInService.start({ timeoutMs: 3000 });
  ({ client, api, workers, openai } = service);
  await workers.startCpuWorker();
  await workers.startGpuWorker();
});
afterAll(() => service?.stop());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${api.url}/v1/videos/${path}`, { method, headers });
const create = (body?: Record<string, unknown>) => service.create(body);
const until = (id: string, wanted: (video: Video) => boolean) => service.until(id, wanted);
const finished = (id: string) => service.finished(id);

describe('a video that goes wrong', () => {
  it('never goes back while a worker takes over from one that died', async () => {
    const first = gate();
    const second = gate();
    let attempts = 0;
    workers.generate = async (_input, beat) => {
      if (++attempts === 1) {
        beat({ phase: 'denoising', step: 3, steps: 4 });
        await first.opened;
        throw failure('device_lost');
      }
      beat({ phase: 'loading' });
      await second.opened;
    };
    const { id } = await create({ num_inference_steps: 4 });
    const seen = await until(id, ({ progress }) => progress > 10);
    first.open();
    seen.push(...(await until(id, ({ phase }) => phase === 'loading')));
    second.open();
    seen.push(await finished(id));
    const progress = seen.map((video) => video.progress);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    const order = seen.map(({ status }) => ['queued', 'in_progress', 'completed'].indexOf(status));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(seen.at(-1)!.status).toBe('completed');
  });

  it('says why in the answer to a look, which itself succeeds', async () => {
    workers.generate = () => Promise.reject(failure('out_of_memory'));
    const { id } = await create();
    expect(await finished(id)).toMatchObject({
      status: 'failed',
      phase: 'failed',
      completed_at: null,
      error: { code: 'out_of_memory', message: expect.stringContaining('smaller') },
    });
    await expect(openai.videos.downloadContent(id)).rejects.toMatchObject({
      status: 400,
      code: 'video_generation_failed',
      message: expect.stringContaining('out_of_memory'),
    });
  });

  it('stops on the GPU when it is cancelled, by this API or by an operator', async () => {
    workers.generate = (_input, beat) => untilCancelled(() => beat({ phase: 'denoising', step: 1, steps: 4 }));
    const byApi = await create();
    await until(byApi.id, ({ phase }) => phase === 'denoising');
    await get(`${byApi.id}/cancel`, {}, 'POST');
    expect((await finished(byApi.id)).error?.code).toBe('cancelled');

    const byOperator = await create();
    await until(byOperator.id, ({ phase }) => phase === 'denoising');
    await client.workflow.getHandle(byOperator.id).signal(CANCEL_SIGNAL);
    expect((await finished(byOperator.id)).error?.code).toBe('cancelled');

    const terminated = await create();
    await until(terminated.id, ({ phase }) => phase === 'denoising');
    await client.workflow.getHandle(terminated.id).terminate();
    expect((await finished(terminated.id)).error?.code).toBe('cancelled');
  });

  it('was never there: other ids and other workflows are not found', async () => {
    await client.workflow.start('other', { taskQueue: 'nobody', workflowId: 'video_other' });
    await expect(openai.videos.retrieve('video_other')).rejects.toThrow(NotFoundError);
    await expect(openai.videos.retrieve('video_0')).rejects.toMatchObject({ code: 'video_not_found' });
    expect((await get('video_0/content')).status).toBe(404);
    expect((await get('video_0/cancel', {}, 'POST')).status).toBe(404);
  });
});

describe('Temporal', () => {
  it('is asked twice a second, however often clients ask', async () => {
    workers.generate = (_input, beat) => untilCancelled(() => beat({ phase: 'denoising', step: 1, steps: 4 }));
    const { id } = await create();
    const before = service.describes;
    const startedAt = performance.now();
    const polls: Promise<Response>[] = [];
    for (let i = 0; i < 80; i++) {
      polls.push(get(id));
      await sleep(25);
    }
    const responses = await Promise.all(polls);
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(service.describes - before).toBeLessThanOrEqual((performance.now() - startedAt) / 500 + 2);
    await get(`${id}/cancel`, {}, 'POST');
    await finished(id);
  });

  it('is asked no more by a download of a video that is not finished than by a look at it', async () => {
    workers.generate = (_input, beat) => untilCancelled(() => beat({ phase: 'denoising', step: 1, steps: 4 }));
    const { id } = await create();
    const callsOf = async (path: string) => {
      // By then what was seen before no longer counts.
      await sleep(1_000);
      const before = service.describesOf.get(id) ?? 0;
      await get(path);
      return (service.describesOf.get(id) ?? 0) - before;
    };
    // The queue makes its acquaintance.
    await callsOf(id);
    expect(await callsOf(id)).toBe(1);
    expect(await callsOf(`${id}/content`)).toBe(1);
    await get(`${id}/cancel`, {}, 'POST');
    await finished(id);
  });

  it('may stop answering: requests say so within their deadline, and go on when it is back; who asks for a known video is told the last that was seen', async () => {
    workers.generate = () => Promise.resolve();
    const { id: done } = await create();
    await finished(done);
    workers.generate = (_input, beat) => untilCancelled(() => beat({ phase: 'denoising', step: 1, steps: 4 }));
    const { id } = await create();
    await until(id, ({ status }) => status === 'in_progress');
    const unseen = `video_${'a'.repeat(32)}`;
    const refusals = () =>
      Promise.all([
        get(unseen),
        fetch(`${api.url}/v1/videos`, {
          method: 'POST',
          body: JSON.stringify({ prompt: 'a cat' }),
          headers: JSON_TYPE,
        }),
        get(`${id}/cancel`, {}, 'POST'),
      ]);
    expect((await fetch(`${api.url}/readyz`)).status).toBe(200);
    const polling = new AbortController();
    const polled = poll(id, polling.signal);
    process.kill(service.server.pid, 'SIGSTOP');
    try {
      const answers = await refusals();
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
      expect(answers.every(({ headers }) => headers.get('retry-after') === '2')).toBe(true);
      expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
      const known = await Promise.all([get(done), get(id), get(`${done}/content`)]);
      expect(known.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(await known[0].json()).toMatchObject({ id: done, status: 'completed' });
      // Else nobody would be left to say so.
      const ready = await fetch(`${api.url}/readyz`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: 'ok', missing: ['Temporal does not answer'] },
      ]);
    } finally {
      polling.abort();
      process.kill(service.server.pid, 'SIGCONT');
    }
    expect(new Set(await polled)).toEqual(new Set([200]));
    await until(id, () => true);
    await get(`${id}/cancel`, {}, 'POST');
    await finished(id);
  });

  /** How each of a client's looks is answered. */
  async function poll(id: string, stop: AbortSignal): Promise<number[]> {
    const statuses: number[] = [];
    for (; !stop.aborted; await sleep(50)) statuses.push((await get(id)).status);
    return statuses;
  }
});

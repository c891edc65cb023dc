import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Video } from '../../api/schemas/video.ts';
import type { Generate } from '../support/stand-in-line.ts';
import { StandInService } from '../support/stand-in-service.ts';

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
  service.line.generate = work;
  await service.line.startCpuWorker();
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
  await service.line.startGpuWorker(1);
  const finished = [await service.finished(first.id), await service.finished(second.id)];
  expect(finished).toMatchObject([
    { status: 'completed', queue_position: null, eta_seconds: null },
    { status: 'completed', queue_position: null, eta_seconds: null },
  ]);
});

it('five videos are made in the order of their places, at the times that were said', async () => {
  // What the first two taught is known a moment later.
  await sleep(1_000);
  held = true;
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    ids.push((await create()).id);
    // So that they come to the GPU's queue in this order.
    if (i === 0) await service.until(ids[0]!, ({ status }) => status === 'in_progress');
    else await sleep(300);
  }
  await sleep(1_100);
  const seen = await Promise.all(ids.map((id) => service.retrieve(id)));
  const saidAt = Date.now();
  expect(seen.map((video) => video.queue_position)).toEqual([null, 1, 2, 3, 4]);
  held = false;
  const said = seen.map((video) => saidAt / 1000 + video.eta_seconds!);
  const ended: number[] = [];
  const finish = async (id: string) => {
    const video: Video = await service.finished(id);
    ended.push(Date.now() / 1000);
    return video;
  };
  const videos = await Promise.all(ids.map(finish));
  expect(videos.every(({ status }) => status === 'completed')).toBe(true);
  const whole = ended.at(-1)! - saidAt / 1000;
  for (const [index, at] of ended.entries()) expect(Math.abs(at - said[index]!)).toBeLessThan(0.35 * whole + 1);
});

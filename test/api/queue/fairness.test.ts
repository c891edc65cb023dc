import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DUE_PRIORITY_KEY } from '../../../contract/cost/job-class.ts';
import { PATIENCE_MS } from '../../../tools/harness/patience.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

/** What a long video is asked for with. */
const LONG = { num_frames: 163, num_inference_steps: 200 };

/** What is scheduled, or given another priority, is so in the queue a moment later; jobs take longer than here. */
const SETTLES_MS = 1_000;

let service: StandInService;
/** Prompts in the order in which the one GPU began with them. */
const begun: string[] = [];
let created = 0;
/** Ends the job that the GPU has. */
let endJob = () => {};

beforeAll(async () => {
  const accounts = await testRegistry({ id: 'many', keys: ['many'] }, { id: 'few', keys: ['few'] });
  service = await StandInService.start({ accounts });
  service.workers.generate = ({ spec }, beat) =>
    new Promise((resolve) => {
      begun.push(spec.prompt);
      const timer = setInterval(() => beat({}), 1_000);
      endJob = () => {
        clearInterval(timer);
        resolve();
      };
    });
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker(1);
});
afterAll(async () => {
  service.workers.generate = async () => {};
  endJob();
  await service?.stop();
});

async function create(key: string, prompt: string, fields: object = {}): Promise<string> {
  const body = { prompt, num_frames: 19, ...fields };
  created++;
  const response = await service.request('', 'POST', body, { authorization: `Bearer ${key}` });
  return ((await response.json()) as { id: string }).id;
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) if (await done()) return;
  throw new Error(`begun so far: ${begun.join(', ')}`);
}

/** Whose video it is. */
const keyOf = (prompt: string) => (prompt.startsWith('in order') ? 'many' : 'few');

/** Waits until the jobs have come to the GPU's queue. */
async function queued(ids: Promise<string>[]): Promise<void> {
  for (const id of await Promise.all(ids)) {
    const handle = service.client.workflow.getHandle(id);
    await until(async () => (await handle.describe()).raw.pendingActivities?.[0]?.activityType?.name === 'generate');
  }
  await sleep(SETTLES_MS);
}

/** Whether a job goes before all others. */
async function isDue(id: string): Promise<boolean> {
  const { raw } = await service.client.workflow.getHandle(id).describe();
  if (raw.pendingActivities?.[0]?.priority?.priorityKey !== DUE_PRIORITY_KEY) return false;
  await sleep(SETTLES_MS);
  return true;
}

/** Nobody waits any more: the GPU has the last job. */
const emptied = () => next(created - begun.length);

/** The prompts of the next jobs that the GPU begins with. */
async function next(jobs: number): Promise<string[]> {
  const from = begun.length;
  for (let done = 1; done <= jobs; done++) {
    endJob();
    await until(() => begun.length === from + done);
  }
  return begun.slice(from);
}

it('short videos wait for the long one that is being made, and for no other', async () => {
  await queued([0, 1, 2].map((i) => create('few', `long ${i}`, LONG)));
  await queued([0, 1, 2].map((i) => create('few', `short ${i}`)));
  const shorts = await next(3);
  expect(shorts.toSorted()).toEqual(['short 0', 'short 1', 'short 2']);
  await next(2);
});

it('an account whose neighbour has queued fifty videos gets its own next, or next but one', async () => {
  await queued(Array.from({ length: 50 }, (_, i) => create('many', `many ${i}`)));
  await next(3);
  for (const prompt of ['few 0', 'few 1']) {
    await queued([create('few', prompt)]);
    expect(await next(2)).toContain(prompt);
  }
});

it('an account that keeps six short videos in the line does not keep the long one of another from starting', async () => {
  await emptied();
  let made = 0;
  const short = () => create('many', `six ${made++}`);
  await queued(Array.from({ length: 7 }, short));
  const id = await create('few', 'a long one', LONG);
  await queued([Promise.resolve(id)]);
  let passed = 0;
  for (; !begun.includes('a long one') && passed < 30; passed++) {
    await queued([short()]);
    await next(1);
  }
  // Six were there before it, and it comes among those that follow.
  expect(begun).toContain('a long one');
  expect(passed).toBeLessThanOrEqual(12);
});

it('the places that are told are the order in which videos begin, long ones among short ones', async () => {
  await emptied();
  const ids = new Map<string, string>();
  const add = async (key: string, prompt: string, fields: object = {}) => {
    ids.set(prompt, await create(key, prompt, fields));
    await queued([Promise.resolve(ids.get(prompt)!)]);
  };
  for (const prompt of ['first long', 'second long']) await add('few', prompt, LONG);
  for (let i = 0; i < 6; i++) await add('many', `in order ${i}`);
  const places = async () => {
    const videos = await Promise.all(
      [...ids].map(async ([prompt, id]) => {
        const response = await service.request(`/${id}`, 'GET', undefined, {
          authorization: `Bearer ${keyOf(prompt)}`,
        });
        return { prompt, place: ((await response.json()) as Video).queue_position };
      }),
    );
    return videos.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0));
  };
  const told = (videos: { place: number | null }[]) => videos.every(({ place }, index) => place === index + 1);
  let seen = await places();
  // The long one is due once so many have passed it; Temporal is told, and asked again, within a few seconds.
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(500), seen = await places()) {
    if (told(seen) && seen[0]!.prompt === 'first long') break;
  }
  const order = seen.map(({ prompt }) => prompt);
  expect(order).toEqual([
    'first long',
    ...[0, 1, 2, 3].map((i) => `in order ${i}`),
    'second long',
    ...[4, 5].map((i) => `in order ${i}`),
  ]);
  const first = await next(5);
  expect(first).toEqual(order.slice(0, 5));
  // The queue is looked at every few seconds; real videos take longer.
  await until(() => isDue(ids.get('second long')!));
  expect(await next(3)).toEqual(order.slice(5));
});

it('one short video waits for no more than the long one that is being made and one other, of however many accounts', async () => {
  await emptied();
  await queued([0, 1, 2].flatMap((i) => ['many', 'few'].map((key) => create(key, `${key} long ${i}`, LONG))));
  await next(1);
  await queued([create('few', 'a short one')]);
  expect(await next(2)).toContain('a short one');
});

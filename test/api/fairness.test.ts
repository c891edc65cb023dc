import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { testDirectory } from '../support/accounts.ts';
import { StandInService } from '../support/stand-in-service.ts';

let service: StandInService;
/** Prompts in the order in which the one GPU began with them. */
const begun: string[] = [];
/** Ends the job that the GPU has. */
let endJob = () => {};

beforeAll(async () => {
  const accounts = await testDirectory({ id: 'many', keys: ['many'] }, { id: 'few', keys: ['few'] });
  service = await StandInService.start({ accounts });
  service.line.generate = ({ spec }, beat) =>
    new Promise((resolve) => {
      begun.push(spec.prompt);
      const timer = setInterval(() => beat({}), 1_000);
      endJob = () => {
        clearInterval(timer);
        resolve();
      };
    });
  await service.line.startCpuWorker();
  await service.line.startGpuWorker(1);
});
afterAll(async () => {
  service.line.generate = async () => {};
  endJob();
  await service?.stop();
});

async function create(key: string, prompt: string, fields: object = {}): Promise<string> {
  const body = { prompt, num_frames: 19, ...fields };
  const response = await service.request('', 'POST', body, { authorization: `Bearer ${key}` });
  return ((await response.json()) as { id: string }).id;
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(20)) if (await done()) return;
  throw new Error(`begun so far: ${begun.join(', ')}`);
}

/** Waits until the jobs have come to the GPU's queue. */
async function queued(ids: Promise<string>[]): Promise<void> {
  for (const id of await Promise.all(ids)) {
    const handle = service.client.workflow.getHandle(id);
    await until(async () => (await handle.describe()).raw.pendingActivities?.[0]?.activityType?.name === 'generate');
  }
  // What is scheduled comes to the queue a moment later; jobs take longer than here.
  await sleep(1_000);
}

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
  const long = { num_frames: 163, num_inference_steps: 200 };
  await queued([0, 1, 2].map((i) => create('few', `long ${i}`, long)));
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

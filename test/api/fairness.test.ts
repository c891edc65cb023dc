import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createLogger } from '../../temporal/logger.ts';
import { testDirectory } from '../support/accounts.ts';
import { StandInService } from '../support/stand-in-service.ts';

let service: StandInService;
/** Prompts in the order in which the one GPU began with them. */
const begun: string[] = [];

beforeAll(async () => {
  const accounts = await testDirectory({ id: 'many', keys: ['many'] }, { id: 'few', keys: ['few'] });
  service = await StandInService.start({ accounts, log: createLogger('api', 'silent') });
  service.line.generate = async ({ spec }) => {
    begun.push(spec.prompt);
    await sleep(150);
  };
  await service.line.startCpuWorker();
  await service.line.startGpuWorker(1);
});
afterAll(() => service?.stop());

async function create(key: string, prompt: string, fields: object = {}): Promise<void> {
  const body = { prompt, num_frames: 19, ...fields };
  const response = await service.request('', 'POST', body, { authorization: `Bearer ${key}` });
  expect(response.status).toBe(200);
}

async function untilBegun(wanted: (prompts: string[]) => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(20)) if (wanted(begun)) return;
  throw new Error(`begun so far: ${begun.join(', ')}`);
}

it('an account whose neighbour has queued fifty videos gets its own next, or next but one', async () => {
  await Promise.all(Array.from({ length: 50 }, (_, i) => create('many', `many ${i}`)));
  await untilBegun(({ length }) => length >= 5);
  for (const prompt of ['few 0', 'few 1']) {
    await create('few', prompt);
    // The time that a job takes from the request to the GPU's queue.
    await sleep(500);
    const before = begun.length;
    await untilBegun((prompts) => prompts.includes(prompt));
    expect(begun.indexOf(prompt) - before).toBeLessThanOrEqual(1);
  }
});

it('short videos wait for the long one that is being made, and for no other', async () => {
  const from = begun.length;
  await Promise.all(
    Array.from({ length: 3 }, (_, i) => create('few', `long ${i}`, { num_frames: 163, num_inference_steps: 200 })),
  );
  await sleep(300);
  await Promise.all(Array.from({ length: 3 }, (_, i) => create('few', `short ${i}`)));
  await untilBegun((prompts) => prompts.filter((prompt) => prompt.startsWith('long')).length === 3);
  const order = begun.slice(from).filter((prompt) => /^(long|short)/.test(prompt));
  expect(order.filter((prompt) => prompt.startsWith('long')).length).toBe(3);
  expect(order.slice(-2)).toEqual([expect.stringMatching(/^long/), expect.stringMatching(/^long/)]);
});

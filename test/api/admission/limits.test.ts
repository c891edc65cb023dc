import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../tools/harness/patience.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import { reserve } from '../../../temporal/reservations.ts';
import { slotId } from '../../../temporal/slots.ts';
import { GENERATE_VIDEO } from '../../../contract/names.ts';
import { ApiProcesses } from '../../support/services/api-process.ts';
import { TemporalHarness } from '../../../tools/harness/services/temporal-harness.ts';

const limits = { queued: 2, running: 1 };
let temporal: TemporalHarness;
let apis: ApiProcesses;
beforeAll(async () => {
  temporal = await TemporalHarness.start();
  apis = await ApiProcesses.start(2, temporal.server.address, [
    ...['a', 'b', 'c', 'killed', 'leaked'].map((id) => ({ id, keys: [id], limits })),
    ...['once', 'ended', 'floods'].map((id) => ({ id, keys: [id], limits: { running: 1 } })),
  ]);
});
afterAll(async () => {
  await apis?.stop();
  await temporal?.stop();
});

const body = { prompt: 'a red circle' };
/** All that Temporal has of one type, of an account. */
const countOf = async (accountId: string) =>
  (await temporal.client.workflow.count(`WorkflowType = "${GENERATE_VIDEO}" AND AccountId = "${accountId}"`)).count;
/** Temporal counts a workflow a moment after it began. */
const settled = () => sleep(1_000);

describe('an account with limits, at two API processes', () => {
  it.each(['a', 'b', 'c'])('gets no more than it may have, however it asks them at the same moment: %s', async (id) => {
    const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => apis.post(i % 2, id, body)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(statuses.filter((status) => status === 429)).toHaveLength(21);
    await settled();
    expect(await countOf(id)).toBe(3);
  });

  it('gets one video for one key, though the second would be one too many', async () => {
    const headers = { 'idempotency-key': 'one' };
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => apis.post(i % 2, 'once', body, headers)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const ids = (await Promise.all(answers.map((answer) => answer.json() as Promise<Video>))).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
    expect((await apis.post(0, 'once', body)).status).toBe(429);
    await settled();
    expect(await countOf('once')).toBe(1);
  });

  it('leaves nothing in Temporal of what it is refused', async () => {
    expect((await apis.post(0, 'floods', body)).status).toBe(200);
    await settled();
    const before = (await temporal.client.workflow.count()).count;
    const flood = Array.from({ length: 60 }, (_, i) =>
      apis.post(i % 2, 'floods', body, { 'idempotency-key': `k${i}` }),
    );
    for (const answer of await Promise.all(flood)) expect(answer.status).toBe(429);
    await settled();
    expect((await temporal.client.workflow.count()).count).toBe(before);
  });

  it('loses nothing for good by a process that dies before the video has begun', async () => {
    for (const number of [0, 1, 2]) {
      const memo = { videoId: `video_0199b5ad0000${String(number).repeat(20)}` };
      await reserve(temporal.client, slotId('leaked', number), memo, 'again');
    }
    expect((await apis.post(0, 'leaked', body)).status).toBe(429);
    await until(async () => (await apis.post(1, 'leaked', body)).status === 200, 'a slot is free again');
  });

  it('may have the next video when an operator has ended one', async () => {
    const { id } = (await (await apis.post(0, 'ended', body)).json()) as Video;
    await temporal.client.workflow.getHandle(id).terminate();
    await until(async () => (await apis.post(1, 'ended', body)).status === 200, 'its place is free');
    expect((await apis.post(0, 'ended', body)).status).toBe(429);
  });

  it('gets what it may have, no more and no less, after a process was killed in the middle of a burst', async () => {
    const burst = Array.from({ length: 20 }, (_, i) =>
      apis.post(i % 2, 'killed', body, { 'idempotency-key': `k${i}` }).then(
        ({ status }) => status,
        () => null,
      ),
    );
    await Promise.race(burst);
    apis.processes[0]!.kill('SIGKILL');
    await Promise.all(burst);
    for (let i = 0; (await countOf('killed')) < 3; i++) {
      await until(async () => (await apis.post(1, 'killed', body)).status === 200, 'there is room for the next');
      await settled();
    }
    expect((await apis.post(1, 'killed', body)).status).toBe(429);
    await settled();
    expect(await countOf('killed')).toBe(3);
  });
});

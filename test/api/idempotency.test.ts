import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConflictError } from 'openai';
import type { Video } from '../../api/schemas/video.ts';
import { GENERATE_VIDEO } from '../../workflows/contract.ts';
import { startTestApi } from '../support/api.ts';
import { StandInService } from '../support/stand-in-service.ts';

let service: StandInService;
beforeAll(async () => {
  service = await StandInService.start();
  await service.line.startCpuWorker();
});
afterAll(() => service?.stop());

const post = (key: string, body: object = { prompt: 'a red circle', seconds: 2 }) =>
  service.request('', 'POST', body, { 'idempotency-key': key });
const jobs = async () => {
  const { count } = await service.client.workflow.count(`WorkflowType = "${GENERATE_VIDEO}"`);
  return count;
};

describe('requests with one Idempotency-Key', () => {
  it('are one video and one job, at the same time or later, in whatever form they come', async () => {
    const before = await jobs();
    const answers = await Promise.all([1, 2, 3, 4].map(() => post('k1')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const videos = (await Promise.all(answers.map((answer) => answer.json()))) as Video[];
    const form = await service.openai.videos.create(
      { prompt: 'a red circle', seconds: '2' as never },
      { headers: { 'idempotency-key': 'k1' } },
    );
    const other = await startTestApi({ client: () => service.client });
    const elsewhere = (await (
      await fetch(`${other.url}/v1/videos`, {
        method: 'POST',
        headers: { 'idempotency-key': 'k1', 'content-type': 'application/json' },
        body: JSON.stringify({ seconds: '2', prompt: 'a red circle' }),
      })
    ).json()) as Video;
    await other.stop();
    expect(new Set([form.id, elsewhere.id, ...videos.map(({ id }) => id)]).size).toBe(1);
    expect(new Set([elsewhere.seed, ...videos.map(({ seed }) => seed)]).size).toBe(1);
    // Temporal counts a job a moment after it began.
    while ((await jobs()) === before) await sleep(100);
    await sleep(500);
    expect(await jobs()).toBe(before + 1);
  });

  it('but other fields are a mistake that the client hears of once', async () => {
    await post('k2');
    const before = service.api.requests.length;
    const mistaken = service.openai.videos.create({ prompt: 'a cat' }, { headers: { 'idempotency-key': 'k2' } });
    await expect(mistaken).rejects.toThrow(ConflictError);
    await expect(mistaken).rejects.toMatchObject({ code: 'idempotency_conflict' });
    expect(service.api.requests.length - before).toBe(1);
  });

  it('do not bring a deleted video back', async () => {
    const { id } = (await (await post('k3')).json()) as Video;
    await service.openai.videos.delete(id);
    const again = await post('k3');
    expect([again.status, await again.json()]).toMatchObject([404, { error: { code: 'video_not_found' } }]);
  });

  it('must have one that can be kept', async () => {
    const answer = await post('k'.repeat(256));
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param: 'Idempotency-Key' } }]);
  });
});

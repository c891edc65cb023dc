import { setTimeout as sleep } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConflictError } from 'openai';
import { createVideoParser } from '../../../api/spec/create-schema.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import { keyedRequest } from '../../../api/admission/idempotency.ts';
import { newVideoId } from '../../../api/jobs/video-object.ts';
import { reservationActivities } from '../../../activities/reservations.ts';
import { type RequestKeyMemo, requestKeyId } from '../../../temporal/request-keys.ts';
import { reserve, reserved } from '../../../temporal/reservations.ts';
import { GENERATE_VIDEO, REMEMBER_REQUEST, TASK_QUEUES } from '../../../contract/names.ts';
import { startTestApi } from '../../support/services/api.ts';
import { inActivity } from '../../support/services/in-activity.ts';
import { jobOf } from '../../../tools/harness/model/clips.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';
import { pauses, until } from '../../../tools/harness/patience.ts';

let service: StandInService;
beforeAll(async () => {
  service = await StandInService.start();
  await service.workers.startCpuWorker();
});
afterAll(() => service?.stop());

const BODY = { prompt: 'a red circle', seconds: 2 };
const fieldsOf = createVideoParser(4000);
const keyOf = (key: string) => keyedRequest('default', key, {}).key;
const post = (key: string, body: object = BODY) => service.request('', 'POST', body, { 'idempotency-key': key });
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
    await until(async () => (await jobs()) !== before);
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

  it('are still one video when Temporal lists it and nothing else is kept of the key', async () => {
    const { id } = (await (await post('k4')).json()) as Video;
    const noted = () => reserved<RequestKeyMemo>(service.client, requestKeyId(keyOf('k4')));
    expect((await noted())!.memo.videoId).toBe(id);
    const sweep = () => reservationActivities(() => service.client, 0).sweepReservations();
    for (const pause = pauses(); (await noted()) !== null; await pause()) await inActivity(service.client, sweep);
    expect(((await (await post('k4')).json()) as Video).id).toBe(id);
    expect((await post('k4', { prompt: 'a cat' })).status).toBe(409);
  });

  it('are one video when the process that began with it has died before it was started', async () => {
    const { key, digest } = keyedRequest('default', 'k5', fieldsOf(BODY));
    const memo: RequestKeyMemo = { videoId: newVideoId(), digest };
    await reserve(service.client, requestKeyId(key), memo, 'once');
    expect((await post('k5', { ...BODY, prompt: 'a cat' })).status).toBe(409);
    const answers = await Promise.all([1, 2, 3].map(() => post('k5')));
    const videos = (await Promise.all(answers.map((answer) => answer.json()))) as Video[];
    expect(videos.map(({ id }) => id)).toEqual([memo.videoId, memo.videoId, memo.videoId]);
  });

  it('are one video when the first came to an earlier version, and nothing of that is left when it is deleted', async () => {
    const videoId = newVideoId();
    const input = { ...jobOf(videoId), accountId: 'default' };
    const fieldsHash = createHash('sha256')
      .update(JSON.stringify(fieldsOf(BODY)))
      .digest('hex');
    const workflowId = requestKeyId(keyOf('k6'));
    const memo = { fieldsHash, input };
    const start = { taskQueue: TASK_QUEUES.cpu, workflowId, memo, staticSummary: videoId };
    await (await service.client.workflow.start(REMEMBER_REQUEST, start)).result();
    const first = (await (await post('k6')).json()) as Video;
    expect([first.id, ((await (await post('k6')).json()) as Video).id]).toEqual([videoId, videoId]);
    expect((await post('k6', { prompt: 'a cat' })).status).toBe(409);
    await service.openai.videos.delete(videoId);
    const noted = async () => JSON.stringify((await reserved(service.client, workflowId))?.memo ?? null);
    for (let tries = 0; tries < 100 && (await noted()).includes(input.spec.prompt); tries++) await sleep(100);
    expect(await noted()).not.toContain(input.spec.prompt);
    expect((await post('k6')).status).toBe(404);
  });

  it('must have one that can be kept', async () => {
    const answer = await post('k'.repeat(256));
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param: 'Idempotency-Key' } }]);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../../../storage/keys.ts';
import { ensureExpirySchedule, EXPIRY_SCHEDULE } from '../../../temporal/expiry-schedule.ts';
import { failure } from '../../../contract/failure.ts';
import { startTestApi } from '../../support/services/api.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';
import { until } from '../../../tools/harness/patience.ts';

const KEEP_S = 5;
const KEY = { id: 'one', key: Buffer.alloc(32, 1) };

let service: StandInService;
beforeAll(async () => {
  service = await StandInService.start({ keepHours: KEEP_S / 3600, shareKeys: () => [KEY] });
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
});
afterAll(() => service?.stop());

async function objectsBelow(prefix: string): Promise<number> {
  let count = 0;
  for await (const _ of service.api.artefacts.list(prefix)) count++;
  return count;
}
const files = (id: string) => objectsBelow(keys.prefix(id));
const marks = (id: string) => objectsBelow(keys.marks('default', id));

/** Has the schedule do now what it does every ten minutes. */
async function expireNow(): Promise<void> {
  const { schedule } = service.client;
  const runs = async () => (await schedule.getHandle(EXPIRY_SCHEDULE).describe()).info.numActionsTaken;
  const before = await runs();
  await schedule.getHandle(EXPIRY_SCHEDULE).trigger();
  await until(async () => (await runs()) !== before);
  const { recentActions } = (await schedule.getHandle(EXPIRY_SCHEDULE).describe()).info;
  const { workflow } = recentActions.at(-1)!.action;
  await service.client.workflow.getHandle(workflow.workflowId, workflow.firstExecutionRunId).result();
}

describe('a video whose time is over', () => {
  it('says so beforehand, keeps its record and its links to nothing, and takes no space', async () => {
    // By every worker that starts.
    await Promise.all([ensureExpirySchedule(service.client), ensureExpirySchedule(service.client)]);
    // Only when it is told to, here.
    await service.client.schedule.getHandle(EXPIRY_SCHEDULE).pause();
    const { id } = await service.create();
    const video = await service.finished(id);
    expect(video.expires_at).toBe(video.completed_at! + KEEP_S);
    expect((await service.request(`/${id}/content`)).status).toBe(200);
    const made = await service.request(`/${id}/share`, 'POST', { expires_in: 86_400 });
    const share = (await made.json()) as { url: string; expires_at: number };
    expect(share.expires_at).toBe(video.expires_at);

    const marked = await service.request(`/${id}`, 'POST', { starred: true, tags: ['soon gone'] });
    expect(await marked.json()).toEqual({ ...video, starred: true, tags: ['soon gone'] });

    await sleep((KEEP_S + 1) * 1000);
    // Gone for clients on time, even before the schedule has come round.
    const gone = await service.request(`/${id}/content`);
    expect([gone.status, await gone.json()]).toMatchObject([410, { error: { code: 'video_expired' } }]);
    expect((await fetch(share.url)).status).toBe(404);
    expect(await files(id)).toBe(4);
    await expireNow();
    expect(await files(id)).toBe(0);
    expect(await marks(id)).toBe(0);
    await until(async () => !(await service.retrieve(id)).starred);
    expect(await service.retrieve(id)).toEqual(video);
    expect((await service.request(`/${id}/content`)).status).toBe(410);
  });

  it('gives back what it could have been resumed from, if it has failed or was ended by an operator', async () => {
    service.workers.generate = async ({ videoId }) => {
      await service.api.artefacts.put(`${keys.prefix(videoId)}checkpoint`, Buffer.from('latents'));
      throw failure('out_of_memory');
    };
    const { id } = await service.create();
    expect((await service.finished(id)).expires_at).toBeNull();
    let stop = () => {};
    service.workers.generate = async ({ videoId }) => {
      await service.api.artefacts.put(`${keys.prefix(videoId)}checkpoint`, Buffer.from('latents'));
      await new Promise<void>((resolve) => (stop = resolve));
    };
    const { id: ended } = await service.create();
    await until(async () => (await files(ended)) !== 0);
    await service.client.workflow.getHandle(ended).terminate();
    stop();
    service.workers.generate = async () => {};
    expect([await files(id), await files(ended)]).toEqual([1, 1]);
    await sleep((KEEP_S + 1) * 1000);
    await expireNow();
    expect([await files(id), await files(ended)]).toEqual([0, 0]);
  });

  it('takes no other with it', async () => {
    const week = await startTestApi({ client: () => service.client, artefacts: service.api.artefacts });
    const created = await fetch(`${week.url}/v1/videos`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a red circle' }),
    });
    const { id } = (await created.json()) as { id: string };
    expect((await service.finished(id)).status).toBe('completed');
    await sleep((KEEP_S + 1) * 1000);
    await expireNow();
    expect(await files(id)).toBe(3);
    await week.stop();
  });
});

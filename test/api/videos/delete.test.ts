import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotFoundError } from 'openai';
import { failure } from '../../../contract/failure.ts';
import { keys } from '../../../storage/keys.ts';
import { REMOVE_VIDEO } from '../../../contract/names.ts';
import { untilCancelled } from '../../../tools/harness/services/stand-in-workers.ts';
import { startTestApi } from '../../support/services/api.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';
import { until } from '../../../tools/harness/patience.ts';

let service: StandInService;
beforeAll(async () => {
  service = await StandInService.start({ timeoutMs: 5000 });
  await service.workers.startCpuWorker();
});
afterAll(() => service?.stop());

const files = async (id: string) => {
  const found: string[] = [];
  for await (const { key } of service.api.artefacts.list(keys.prefix(id))) found.push(key);
  return found;
};
const memoOf = async (id: string) => (await service.client.workflow.getHandle(id).describe()).memo;
/** Resolves once Temporal holds no more of it than that it was removed. A delete is answered before where that takes long. */
async function removed(id: string): Promise<void> {
  await until(async () => (await memoOf(id))?.['removed'] === true);
  expect(await memoOf(id)).toEqual({ removed: true });
}

describe('a deleted video', () => {
  it('that waits for a GPU is gone at once, and its job with it', async () => {
    const { id } = await service.create();
    expect(await service.openai.videos.delete(id)).toEqual({ id, object: 'video.deleted', deleted: true });
    await removed(id);
    await expect(service.openai.videos.retrieve(id)).rejects.toThrow(NotFoundError);
    await expect(service.openai.videos.delete(id)).rejects.toThrow(NotFoundError);
  });

  it('is removed once, however many ask for it at that moment', async () => {
    const { id } = await service.create();
    const { runId } = await service.client.workflow.getHandle(id).describe();
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.request(`/${id}`, 'DELETE')));
    // Those that come later find that it is gone.
    expect(new Set(answers.map(({ status }) => status).filter((status) => status !== 404))).toEqual(new Set([200]));
    await removed(id);
    const { events } = await service.client.workflow.getHandle(id, runId).fetchHistory();
    expect(events?.filter((event) => event.workflowExecutionSignaledEventAttributes)).toHaveLength(1);
  });

  it('that is being made frees the GPU', async () => {
    await service.workers.startGpuWorker();
    let freed = false;
    service.workers.generate = async (_input, beat) => {
      await untilCancelled(() => beat({ phase: 'denoising', step: 1, steps: 4 })).finally(() => (freed = true));
    };
    const { id } = await service.create();
    await service.until(id, ({ status }) => status === 'in_progress');
    await service.openai.videos.delete(id);
    await removed(id);
    expect(freed).toBe(true);
    expect(await files(id)).toEqual([]);
  });

  it('that is completed leaves no file, no link that works, and no place in the list', async () => {
    service.workers.generate = async () => {};
    const { id } = await service.create();
    await service.finished(id);
    expect(await files(id)).toHaveLength(3);
    await service.openai.videos.delete(id);
    expect(await files(id)).toEqual([]);
    expect((await service.request(`/${id}/content`)).status).toBe(404);
    const { data } = await service.openai.videos.list();
    expect(data.map((video) => video.id)).not.toContain(id);
    const other = await startTestApi({ client: () => service.client });
    expect((await fetch(`${other.url}/v1/videos/${id}`)).status).toBe(404);
    expect(await (await fetch(`${other.url}/v1/videos?limit=100`)).text()).not.toContain(id);
    await other.stop();
    // Temporal may not have listed its run as ended when it was asked to forget all that are.
    const { type, status } = await service.client.workflow.getHandle(id).describe();
    expect([type, status.name]).toEqual([REMOVE_VIDEO, 'RUNNING']);
  });

  it('whose GPU worker does not answer is hidden at once, from every API process, and removed later', async () => {
    let end = () => {};
    const stuck = new Promise<void>((resolve) => (end = resolve));
    // Beats on and takes no notice of the cancel.
    service.workers.generate = async (_input, beat) => {
      const timer = setInterval(() => beat({ phase: 'denoising', step: 1, steps: 4 }), 50);
      await stuck;
      clearInterval(timer);
    };
    const { id } = await service.create();
    await service.until(id, ({ status }) => status === 'in_progress');
    const other = await startTestApi({ client: () => service.client });
    expect(await service.openai.videos.delete(id)).toMatchObject({ deleted: true });
    expect((await service.request(`/${id}`)).status).toBe(404);
    expect((await fetch(`${other.url}/v1/videos/${id}`)).status).toBe(404);
    expect(await (await fetch(`${other.url}/v1/videos?limit=100`)).text()).not.toContain(id);
    await other.stop();
    // The frames come too late: no file of them may appear.
    end();
    await removed(id);
    expect(await files(id)).toEqual([]);
  });
});

describe('a video that has failed', () => {
  it('is made again under its own id when asked to, and fails and succeeds as any other', async () => {
    let attempts = 0;
    service.workers.generate = async () => {
      if (++attempts <= 2) throw failure('out_of_memory');
    };
    const { id, seed } = await service.create();
    expect(await service.finished(id)).toMatchObject({ status: 'failed', error: { code: 'out_of_memory' } });
    const failed = await service.request('?status=failed');
    expect(await failed.text()).toContain(id);
    const retried = await service.request(`/${id}/retry`, 'POST');
    expect(await retried.json()).toMatchObject({ id, seed, error: null });
    const failedAgain = await service.finished(id);
    expect(failedAgain.status).toBe('failed');
    // A worker had begun with it at most.
    expect(failedAgain.progress).toBeLessThanOrEqual(1);
    await service.request(`/${id}/retry`, 'POST');
    expect(await service.finished(id)).toMatchObject({ status: 'completed', error: null, progress: 100 });
    expect(attempts).toBe(3);
    expect(await (await service.request('?status=failed')).text()).not.toContain(id);
    expect((await service.request('?status=completed')).status).toBe(200);
    await service.openai.videos.delete(id);
  });

  it('is the only one that can be: others are refused and stay as they are', async () => {
    service.workers.generate = async () => {};
    const { id } = await service.create();
    await service.finished(id);
    const response = await service.request(`/${id}/retry`, 'POST');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'video_not_failed' } });
    expect((await service.request('/video_0/retry', 'POST')).status).toBe(404);
  });

  it('is made again with all others of its kind by an admin, cancelled ones left alone', async () => {
    service.workers.generate = () => Promise.reject(failure('out_of_memory'));
    const failed = await Promise.all([1, 2, 3].map(() => service.create()));
    for (const { id } of failed) await service.finished(id);
    service.workers.generate = (_input, beat) => untilCancelled(() => beat({}));
    const { id: cancelled } = await service.create();
    await service.request(`/${cancelled}/cancel`, 'POST');
    await service.finished(cancelled);
    service.workers.generate = async () => {};
    const answer = await service.request('/retry', 'POST', { error_code: 'timed_out' });
    expect(await answer.json()).toMatchObject({ data: [] });
    const all = (await (await service.request('/retry', 'POST')).json()) as { data: { id: string }[] };
    expect(all.data.map(({ id }) => id)).toEqual(failed.map(({ id }) => id).toSorted());
    for (const { id } of failed) expect((await service.finished(id)).status).toBe('completed');
    expect((await service.retrieve(cancelled)).status).toBe('failed');
  });
});

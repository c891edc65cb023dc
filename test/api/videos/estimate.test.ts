import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VideoEstimate } from '../../../api/videos/estimate-schema.ts';
import { GENERATE_VIDEO } from '../../../contract/names.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

const KEY = 'key-of-the-account';
/** Of one that may send a request a minute. */
const RARE_KEY = 'key-of-another';
/** Of one without limits. */
const FREE_KEY = 'key-of-a-third';
/** Unfinished videos that the account may have. */
const MOST = 3;

let service: StandInService;
/** Ends the work of the video that is being made. */
let release = () => {};

beforeAll(async () => {
  const accounts = await testRegistry(
    { id: 'one', keys: [KEY], limits: { queued: MOST - 1, running: 1 } },
    { id: 'rare', keys: [RARE_KEY], limits: { requests_per_minute: 1 } },
    { id: 'free', keys: [FREE_KEY] },
  );
  service = await StandInService.start({ accounts, apiKey: KEY });
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker(1);
  await service.finished((await service.create()).id);
  const held = new Promise<void>((resolve) => (release = resolve));
  service.workers.generate = async (_input, beat) => {
    beat({ phase: 'denoising', etaSeconds: 60 });
    await held;
  };
});
afterAll(async () => {
  release();
  await service?.stop();
});

const estimate = (fields: object) => service.request('/estimate', 'POST', fields);
const estimated = async (fields: object) => (await (await estimate(fields)).json()) as VideoEstimate;

describe('the estimate of a video', () => {
  it('is the place and the time that a create is answered with, and nothing is started for it', async () => {
    const running = await service.create();
    await service.until(running.id, ({ status }) => status === 'in_progress');
    const waiting = await service.create();
    let before = await estimated({});
    // Temporal lists new videos, and those that are finished, a moment later.
    const isCurrent = () => before.queue_position === 2 && before.wait_seconds! > 30;
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); !isCurrent() && Date.now() < end; await pause()) {
      before = await estimated({});
    }
    expect(before).toMatchObject({ object: 'video.estimate', queue_position: 2, measured: true, gpu_seconds: 0 });
    expect(before.wait_seconds).toBeGreaterThan(30);
    expect(before.eta_seconds).toBeGreaterThanOrEqual(before.wait_seconds!);
    // Of several it is that of the last: after the one that waits, and those before it.
    const several = await service.request('/estimate', 'POST', { n: 4 }, { authorization: `Bearer ${FREE_KEY}` });
    const ofLast = (await several.json()) as VideoEstimate;
    expect(ofLast).toMatchObject({ queue_position: 5, measured: true, gpu_seconds: 0 });
    expect(ofLast.eta_seconds).toBeGreaterThanOrEqual(before.eta_seconds! - 2);
    const kept = await service.client.workflow.count(`WorkflowType = "${GENERATE_VIDEO}"`);
    expect(kept.count).toBe(3);

    const next = await service.create();
    expect(next.queue_position).toBe(before.queue_position);
    // Whole seconds, of which some went by.
    expect(next.eta_seconds).toBeLessThanOrEqual(before.eta_seconds! + 1);
    expect((await service.retrieve(waiting.id)).queue_position).toBe(1);
  });

  it('says that the account has as many unfinished videos as it may, as the create would', async () => {
    const answers = async () => await Promise.all([estimate({}), service.request('', 'POST', { prompt: 'a circle' })]);
    for (const end = Date.now() + PATIENCE_MS; (await estimate({})).status !== 429 && Date.now() < end;) {
      await sleep(200);
    }
    const [told, refused] = await answers();
    expect([told.status, refused.status]).toEqual([429, 429]);
    expect(await told.json()).toEqual(await refused.json());
    release();
    service.workers.generate = async () => {};
    for (const { id } of (await service.openai.videos.list()).data) await service.finished(id);
  });

  it('costs nothing of the requests that an account may send a minute, and has a limit of its own', async () => {
    const headers = { authorization: `Bearer ${RARE_KEY}` };
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) {
      statuses.push((await fetch(`${service.api.url}/v1/videos/estimate`, { method: 'POST', headers })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    const created = await service.request('', 'POST', { prompt: 'a circle' }, headers);
    expect(created.status).toBe(200);
    await service.request(`/${((await created.json()) as { id: string }).id}`, 'DELETE');
  });

  it('has the shape that the video gets', async () => {
    const fields = { seconds: '1.5', size: '320x272', num_inference_steps: '8' };
    const { size, seconds, fps, num_frames, num_inference_steps, model, warnings } = await estimated(fields);
    const video = await service.create(fields);
    expect(video).toMatchObject({ size, seconds, fps, num_frames, num_inference_steps, model, warnings });
    await service.finished(video.id);
  });

  it.each([
    { num_inference_steps: 100_000 },
    { size: '7x7' },
    { model: 'another' },
    { image_url: 'http://127.0.0.1/' },
    { guidance_start: 0.5, guidance_stop: 0.5 },
    { prompt: '\u200b' },
    { deadline_seconds: 0 },
    { n: 9 },
    { n: MOST + 1 },
  ])('is refused as the create would be: %j', async (fields) => {
    const [told, refused] = await Promise.all([
      estimate(fields),
      service.request('', 'POST', { prompt: 'a circle', ...fields }),
    ]);
    expect([400, 404]).toContain(told.status);
    expect([told.status, await told.json()]).toEqual([refused.status, await refused.json()]);
  });

  it('cannot be read: a video has no such id', async () => {
    const response = await service.request('/estimate');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });
});

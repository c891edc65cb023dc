import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Video } from '../../../api/jobs/video-schema.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

const [KEY, OTHER_KEY] = ['key-of-one', 'key-of-another'];
const SETTINGS = {
  size: '480x848',
  num_frames: 19,
  fps: 24,
  seed: 2 ** 40,
  num_inference_steps: 7,
  guidance_scale: 4.25,
  guidance_stop: 0.5,
  negative_prompt: 'blurred',
};

let service: StandInService;
let source: Video;

beforeAll(async () => {
  const accounts = await testRegistry({ id: 'one', keys: [KEY] }, { id: 'another', keys: [OTHER_KEY] });
  service = await StandInService.start({ accounts, apiKey: KEY });
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
  source = await service.create(SETTINGS);
});
afterAll(() => service?.stop());

const remix = (fields: object, headers: Record<string, string> = {}, id = source.id) =>
  service.request(`/${id}/remix`, 'POST', fields, headers);

describe('a remix', () => {
  it('has the seed and every setting of its video, and the new prompt alone is another, also once that is deleted', async () => {
    const made = (await service.openai.videos.remix(source.id, { prompt: 'a blue square' })) as unknown as Video;
    expect(made).toMatchObject({ ...SETTINGS, prompt: 'a blue square', remixed_from_video_id: source.id });
    expect(made.id).not.toBe(source.id);
    expect(made.model).toBe(source.model);
    expect(await service.finished(made.id)).toMatchObject({ status: 'completed', remixed_from_video_id: source.id });
    expect((await service.retrieve(source.id)).remixed_from_video_id).toBeNull();

    const again = (await (await remix({ prompt: 'a star' }, {}, made.id)).json()) as Video;
    await service.openai.videos.delete(made.id);
    expect(await service.finished(again.id)).toMatchObject({ ...SETTINGS, remixed_from_video_id: made.id });
  });

  it('is made once for each idempotency key', async () => {
    const headers = { 'idempotency-key': 'once' };
    const answers = [await remix({ prompt: 'a ball' }, headers), await remix({ prompt: 'a ball' }, headers)];
    const [first, second] = await Promise.all(answers.map(async (answer) => (await answer.json()) as Video));
    expect(second!.id).toBe(first!.id);
    const other = await remix({ prompt: 'a cube' }, headers);
    expect([other.status, await other.json()]).toMatchObject([409, { error: { code: 'idempotency_conflict' } }]);
  });

  it.each([
    [{}, 'missing_required_parameter', 'prompt'],
    [{ prompt: ' ' }, 'invalid_value', 'prompt'],
    [{ prompt: 'a cat', seed: 7 }, 'invalid_value', 'seed'],
    [{ prompt: 'a cat', extra_body: { size: '480p' } }, 'invalid_value', 'size'],
  ])('is refused where it would not be what was asked for: %j', async (fields, code, param) => {
    const refused = await remix(fields);
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code, param } }]);
  });

  it("of another account's video, or of none, is not found", async () => {
    const authorization = `Bearer ${OTHER_KEY}`;
    const others = await remix({ prompt: 'a cat' }, { authorization });
    const nobodys = await remix({ prompt: 'a cat' }, {}, 'video_0');
    expect([others.status, nobodys.status]).toEqual([404, 404]);
    expect(await others.json()).toMatchObject({ error: { code: 'video_not_found' } });
  });
});

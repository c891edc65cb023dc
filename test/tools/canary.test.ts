import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOCHI_TINY } from '../../tools/harness/model/model-folder.ts';
import { WholeService } from '../../tools/harness/services/whole-service.ts';
import { Canary } from '../../tools/canary/canary.ts';
import { type Golden, goldens, REQUESTS, TOLERANCE } from '../../tools/canary/golden.ts';
import { difference } from '../../tools/canary/likeness.ts';

describe('a canary at a running service', () => {
  let service: WholeService;
  let canary: Canary;
  let golden: Golden;

  beforeAll(async () => {
    service = await WholeService.start({ MODEL_DIR: MOCHI_TINY });
    canary = new Canary({ url: service.service.apiUrl, secondsEach: 100 });
    await canary.begin();
    golden = (await goldens())[0]!;
  });
  afterAll(() => service?.stop());

  it('sees that a video is the one that was asked for, and says so when its picture is another', async () => {
    expect(canary.model).toBe('mochi-tiny');
    expect(golden.request).toEqual(REQUESTS[0]);
    const good = await canary.try(REQUESTS[0]!, golden);
    expect(good).toMatchObject({ prompt: REQUESTS[0]!.prompt, fault: null });
    // Even on a GPU two different pictures are not taken for the same.
    const [, other] = await goldens();
    expect(difference(good.likeness!, other!.likeness)).toBeGreaterThan(TOLERANCE.cuda);
    const short = { ...REQUESTS[0]!, num_frames: 7, num_inference_steps: 4 };
    expect((await canary.try(short, golden)).fault).toMatch(/^off by \S+ levels, 1.5 are allowed/);
  });

  it('says why where there is no video', async () => {
    const { fault } = await canary.try({ ...REQUESTS[0]!, num_frames: 100_000 }, golden);
    expect(fault).toMatch(/HTTP 400/);
    const hasty = new Canary({ url: service.service.apiUrl, secondsEach: 0.001 });
    expect((await hasty.try(REQUESTS[0]!, golden)).fault).toBe('no file after 0.001 s');
  });
});

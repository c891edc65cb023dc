import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VideoSpec } from '../../contract/video-job.ts';
import { type ActivityBench, openActivityBench } from '../support/services/activity-bench.ts';
import { jobOf } from '../../tools/harness/model/clips.ts';

let bench: ActivityBench;
beforeAll(async () => {
  bench = await openActivityBench();
});
afterAll(async () => await bench?.close());

const validate = (spec: Partial<VideoSpec>) => bench.run('validate', jobOf('video_check', spec));

describe('validate', () => {
  it('passes what the model can make, and counts the tokens', async () => {
    expect(await validate({ prompt: 'a red circle', negativePrompt: '' })).toEqual({
      promptTokens: 4,
      negativePromptTokens: 2,
      warnings: [],
    });
  });

  it('warns of a prompt whose end the model does not read, instead of cutting it in silence', async () => {
    const long = Array.from({ length: 300 }, () => 'word').join(' ');
    const { warnings } = await validate({ prompt: long, negativePrompt: long });
    expect(warnings).toEqual([
      'prompt has 301 tokens; the model reads the first 256, so its end has no effect',
      'negative_prompt has 301 tokens; the model reads the first 256, so its end has no effect',
    ]);
    expect((await validate({ negativePrompt: long, guidanceScale: 1 })).warnings).toEqual([]);
  });

  it('refuses another model by name', async () => {
    await expect(validate({ model: 'mochi-1-preview' })).rejects.toMatchObject({
      type: 'model_not_found',
      nonRetryable: true,
      message: 'model: "mochi-1-preview" is not served here. Ask for "mochi-tiny".',
    });
  });

  it.each<[string, Partial<VideoSpec>]>([
    ['size', { width: 100 }],
    ['size', { width: 32 }],
    ['size', { width: 1024, height: 1024 }],
    ['num_frames', { numFrames: 62 }],
    ['fps', { fps: 60 }],
    ['num_inference_steps', { numInferenceSteps: 1000 }],
  ])('names %s when it is what the model cannot do', async (field, spec) => {
    await expect(validate(spec)).rejects.toMatchObject({
      type: 'shape_not_supported',
      nonRetryable: true,
      message: expect.stringMatching(new RegExp(`^${field}: .+`)),
    });
  });
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randn } from '../../../gpu-worker/inference/noise.ts';
import type { Benchmark } from '../measure/benchmark.ts';
import { interleave } from '../measure/interleave.ts';
import { sameResult } from '../measure/same-result.ts';
import { measure, withSides } from '../measure/sides.ts';

const CHANNELS = 12;
/** 10 x 10 x 10 = 1,000 visual tokens. */
const SHAPE = { T: 10, h: 20, w: 20 };
const TOKENS = 64;
const TEXT_WIDTH = 512;
const TIMESTEP = 500;

/** What was tried with the pass, each measured by itself on one machine (2026-11-21). */
const NOTES = [
  'What depends on the text alone is computed once a video here, and in every pass by diffusers.',
  'Kept: packed weights (4 to 7 % less CPU time), and 6 % together by modulation as the scale of the norms, heads in the order of tokens and feed-forward halves as products of their own.',
  'Not kept, because a pass took as long or longer: flushed denormals, other block sizes of the thread pool, no memory pattern, fewer graph optimisations, no memory arena (16 % more), threads that spin between operators (16 % more CPU time).',
  'Not worth having: modulation shared by the two passes of a step depends on the text (0.5 % of a pass), rotary tables kept between passes (0.3 %) would cross to a GPU at each.',
  'The limit: one thread does matrix products at 116 to 120 GFLOP/s here and at 114 to 121 in torch, attention at 91 and 87. With one thread each a pass takes 0.84 of diffusers’ CPU time (0.95 before these changes); were all but products and attention free, it would be 0.77.',
];

/** One pass of the transformer in float32. */
export const transformerForward: Benchmark = {
  id: 'transformer',
  title: 'Transformer: 6 layers of 8 x 64 heads, 1,000 visual and 64 text tokens, float32',
  run: async ({ python, rounds, folder }) => {
    const latents = await randn(1, CHANNELS * SHAPE.T * SHAPE.h * SHAPE.w);
    const text = await randn(2, TOKENS * TEXT_WIDTH);
    const file = (name: string) => join(folder, name);
    await writeFile(file('latents'), latents);
    await writeFile(file('text'), text);
    const args = {
      latents: file('latents'),
      shape: [CHANNELS, SHAPE.T, SHAPE.h, SHAPE.w],
      text: file('text'),
      tokens: TOKENS,
      timestep: TIMESTEP,
    };

    return withSides(await python(), { name: 'transformer_forward', args }, async ({ devices, baseline }) => {
      await devices.call(0, 'condition', 'text', text);
      const forward = () => devices.call(0, 'velocity', 'text', latents, SHAPE, TIMESTEP);

      const { data } = await forward();
      await baseline.run(file('velocity'));
      const same = await sameResult(data, file('velocity'));
      const measured = await interleave(rounds, {
        ours: () => measure(devices, forward),
        baseline: () => baseline.run(),
      });
      return {
        figures: [{ what: 'transformer, forward pass', unit: 's', ...measured, goal: 0.8 }],
        notes: [same, ...NOTES],
      };
    });
  },
};

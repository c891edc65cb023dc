import { join } from 'node:path';
import type { Benchmark } from '../measure/benchmark.ts';
import { interleave } from '../measure/interleave.ts';
import { sameResult } from '../measure/same-result.ts';
import { measure, withSides } from '../measure/sides.ts';

const TOKENS = 64;
/** What diffusers' pipeline pads every prompt to. */
const PADDED = 256;
const VOCABULARY = 32_128;

/** T5 over one prompt. */
export const textEncoder: Benchmark = {
  id: 'text',
  title: 'Text encoder: T5 of 6 layers, 512 wide, float32',
  run: async ({ python, rounds, folder }) => {
    const ids = Array.from({ length: TOKENS }, (_, i) => 2 + ((i * 7919) % (VOCABULARY - 2)));
    const compare = async (padded: number) =>
      withSides(await python(), { name: 'text_encoder', args: { ids, padded } }, async ({ devices, baseline }) => {
        const encode = () => devices.call(0, 'encodeText', ids);
        const file = join(folder, `text-${padded}`);
        const text = await encode();
        await baseline.run(file);
        const same = await sameResult(text, file);
        const measured = await interleave(rounds, {
          ours: () => measure(devices, encode),
          baseline: () => baseline.run(),
        });
        return { measured, same };
      });
    const alike = await compare(TOKENS);
    const pipeline = await compare(PADDED);
    return {
      figures: [
        { what: 'text encoder, 64 tokens', unit: 's', ...alike.measured, goal: 1 },
        { what: 'the same, as pipelines call it', unit: 's', ...pipeline.measured },
      ],
      notes: [
        alike.same,
        `Diffusers' pipeline pads each prompt to ${PADDED} tokens and computes them all; Kinora computes the valid ones.`,
      ],
    };
  },
};

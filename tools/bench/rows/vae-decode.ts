import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../../../gpu-worker/families/mochi/config/config.ts';
import { randn } from '../../../gpu-worker/inference/noise.ts';
import { DEFAULT_TILING, type Tiling } from '../../../gpu-worker/families/mochi/config/types.ts';
import { decodeValues } from '../../../gpu-worker/families/mochi/vae/decode.ts';
import type { BenchContext, Benchmark } from '../measure/benchmark.ts';
import { interleave } from '../measure/interleave.ts';
import { randomModel } from '../measure/random-model.ts';
import type { Figure } from '../measure/result.ts';
import { sameResult } from '../measure/same-result.ts';
import { measure, withSides } from '../measure/sides.ts';

const CHANNELS = 12;
/** 7 frames of 128 x 96 pixels. */
const SHAPE = { T: 2, h: 12, w: 16 };
/** diffusers' own proportions, at a quarter of the size. */
const TILING = Object.fromEntries(
  Object.entries(DEFAULT_TILING).map(([key, pixels]) => [key, pixels / 4]),
) as unknown as Tiling;

const ABOUT = [
  'The three or six frames of one latent frame are convolved together in time, with 5 and 8 products of channels instead of 9 and 18; both sides decode the same tiles, overlaps twice.',
  'The limit: convolutions are two thirds of the time still, and a sixth of theirs is layers of one frame per latent frame, which have nothing to share; then group norms 7 %, changes of layout 7 %, combining frames 5 %, edges 4 %.',
  'Tiles of 64 x 64 miss in time what they meet in CPU time: their operators are so short that waking the second thread counts. Threads that spin for 0.3 ms between operators take 4 % off, for 5 % more CPU time, which other processes need; a tile sent before the last one has ended, nothing.',
  'What did not pay: pairs or triples of frames in place of six (a convolution takes 42 and 35 % more CPU time), a convolution for each product in place of groups of one (5 %), edges from slices in place of Pad (10 %), group norm without its factors in the same operator (a quarter faster, 2 % of the whole, but nine times the rounding), large blocks of memory given back at once (120 MiB less after loading, 4 % more time).',
];

/** Latents to frames. */
export const vaeDecode: Benchmark = {
  id: 'vae',
  title: 'VAE decoder: 64 to 384 channels, 7 frames of 128 x 96, float32',
  run: async (context) => {
    const untiled = await decode(context, 'VAE decode, untiled', null);
    const tiled = await decode(context, 'VAE decode, tiles of 64 x 64', TILING);
    return {
      figures: [untiled.figure, tiled.figure],
      notes: [`Untiled: ${untiled.same}`, `Tiled: ${tiled.same}`, ...ABOUT],
    };
  },
};

async function decode({ python, rounds, folder }: BenchContext, what: string, tiling: Tiling | null) {
  const { vae } = await readConfig(await randomModel(await python(), 'medium'));
  const latents = await randn(3, CHANNELS * SHAPE.T * SHAPE.h * SHAPE.w);
  const file = (name: string) => join(folder, name);
  await writeFile(file('latents'), latents);
  const args = {
    latents: file('latents'),
    shape: [CHANNELS, SHAPE.T, SHAPE.h, SHAPE.w],
    tiling: tiling && {
      tile_sample_min_height: tiling.tileSampleMinHeight,
      tile_sample_min_width: tiling.tileSampleMinWidth,
      tile_sample_stride_height: tiling.tileSampleStrideHeight,
      tile_sample_stride_width: tiling.tileSampleStrideWidth,
    },
  };
  return withSides(await python(), { name: 'vae_decode', args }, async ({ devices, baseline }) => {
    const frames = async () => {
      const chunks: Float32Array[] = [];
      const values = decodeValues(devices, vae, { latents, shape: SHAPE, tiling, decodeChunk: 1 });
      for await (const chunk of values) chunks.push(chunk.values);
      return chunks;
    };
    const all = Float32Array.from((await frames()).flatMap((values) => [...values]));
    await baseline.run(file('frames'));
    const same = await sameResult(all, file('frames'));
    const measured = await interleave(rounds, { ours: () => measure(devices, frames), baseline: () => baseline.run() });
    const figure: Figure = { what, unit: 's', ...measured, goal: 0.67 };
    return { figure, same };
  });
}

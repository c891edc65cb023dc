import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../../../gpu-worker/mochi/config.ts';
import { randn } from '../../../gpu-worker/mochi/noise.ts';
import { DEFAULT_TILING, type Tiling } from '../../../gpu-worker/mochi/types.ts';
import { decodeValues } from '../../../gpu-worker/mochi/vae/decode.ts';
import type { BenchContext, Benchmark } from '../benchmark.ts';
import { interleave } from '../interleave.ts';
import { randomModel } from '../random-model.ts';
import type { Figure } from '../result.ts';
import { sameResult } from '../same-result.ts';
import { measure, withSides } from '../sides.ts';

const CHANNELS = 12;
/** 7 frames of 128 x 96 pixels. */
const SHAPE = { T: 2, h: 12, w: 16 };
/** diffusers' own proportions, at a quarter of the size. */
const TILING = Object.fromEntries(
  Object.entries(DEFAULT_TILING).map(([key, pixels]) => [key, pixels / 4]),
) as unknown as Tiling;

/** Latents to frames. */
export const vaeDecode: Benchmark = {
  id: 'vae',
  title: 'VAE decoder: 64 to 384 channels, 7 frames of 128 x 96, float32',
  run: async (context) => {
    const untiled = await decode(context, 'VAE decode, untiled', null);
    const tiled = await decode(context, 'VAE decode, tiles of 64 x 64', TILING);
    return {
      figures: [untiled.figure, tiled.figure],
      notes: [`Untiled: ${untiled.same}`, `Tiled: ${tiled.same}`],
    };
  },
};

async function decode({ python, rounds, folder }: BenchContext, what: string, tiling: Tiling | null) {
  const { vae } = await readConfig(await randomModel(python, 'medium'));
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
  return withSides(python, { name: 'vae_decode', args }, async ({ devices, peer }) => {
    const frames = async () => {
      const chunks: Float32Array[] = [];
      const values = decodeValues(devices, vae, { latents, shape: SHAPE, tiling, decodeChunk: 1 });
      for await (const chunk of values) chunks.push(chunk.values);
      return chunks;
    };
    const all = Float32Array.from((await frames()).flatMap((values) => [...values]));
    await peer.run(file('frames'));
    const same = await sameResult(all, file('frames'));
    const measured = await interleave(rounds, { ours: () => measure(devices, frames), peer: () => peer.run() });
    const figure: Figure = { what, unit: 's', ...measured, goal: 0.67 };
    return { figure, same };
  });
}

import { strides, readConfig } from '../../../../gpu-worker/families/mochi/config/config.ts';
import { CUDA_DECODE_CHUNK, DEFAULT_TILING } from '../../../../gpu-worker/families/mochi/config/types.ts';
import { ModelGraphs } from '../../../../gpu-worker/families/mochi/graphs/model-graphs.ts';
import { latentShape } from '../../../../gpu-worker/families/mochi/params.ts';
import { tileGrid } from '../../../../gpu-worker/families/mochi/vae/tile-grid.ts';
import { VaeDecoder } from '../../../../gpu-worker/families/mochi/vae/vae-session.ts';
import { createSession } from '../../../../gpu-worker/inference/onnx/session.ts';
import { findWeights } from '../../../../gpu-worker/weights/weights.ts';
import { THREADS } from '../../measure/benchmark.ts';
import { deviates } from '../../../harness/measure/deviates.ts';
import { modelFolder } from '../measure/model.ts';
import type { StepContext } from '../measure/step.ts';
import { reportMedian, seconds } from '../measure/timing.ts';

type Size = { h: number; w: number };

/** One tile of the VAE again and again, against two tiles of different sizes in turn. */
export async function tile(context: StepContext): Promise<void> {
  const { decode, sizes } = await decoder(context);
  const [large, small] = sizes;
  // A tile's first frames are another shape: what is timed is what follows them.
  for (const [i] of sizes.entries()) await decode(i, true);
  const alone: number[] = [];
  for (const [i, { h, w }] of sizes.entries()) {
    const what = `a tile of ${w}x${h} latents, the same shape again`;
    alone.push(await reportMedian(context, what, () => seconds(() => decode(i, false))));
  }
  const both = async () => {
    for (const [i] of sizes.entries()) await decode(i, false);
  };
  const what = `${large.w}x${large.h} and ${small.w}x${small.h} in turn, both together`;
  const inTurn = await reportMedian(context, what, () => seconds(both));
  const equal = alone.reduce((sum, value) => sum + value, 0);
  await context.report({ what: 'what a change of shape costs', value: (inTurn - equal) / 2, unit: 's' });
}

async function decoder(context: StepContext) {
  const { workload } = context;
  const { computeType, short } = workload;
  const device = workload.devices[0]!;
  const dir = await modelFolder(context, ['vae']);
  const config = await readConfig(dir);
  const channels = config.vae.latent_channels;
  const graphs = new ModelGraphs(config, { device, computeType }, (component) =>
    findWeights(dir, component, computeType),
  );
  const { graph, convertWeightsAtLoad, ...vae } = await graphs.vae();
  const begin = performance.now();
  const session = await createSession(graph, device, { threads: THREADS, convertWeightsAtLoad });
  await context.report({ what: 'loading the VAE', value: (performance.now() - begin) / 1000, unit: 's' });

  const { T, h, w } = latentShape(config, short);
  const sizes = twoSizes(h, w, strides(config.vae).space);
  const frames = Math.min(CUDA_DECODE_CHUNK, T);
  const latents = await Promise.all(sizes.map((size, i) => deviates(i, frames * channels * size.h * size.w)));
  const vaeDecoder = new VaeDecoder(session, { graph, ...vae }, channels);
  const decode = (i: number, first: boolean) =>
    vaeDecoder.decodeChunk(i, latents[i]!, { t: frames, ...sizes[i]! }, first);
  return { decode, sizes };
}

/** The two sizes that most of a clip's tiles have; a clip of one tile is given a second one, of half its width. */
function twoSizes(h: number, w: number, scale: number): [Size, Size] {
  const counts = new Map<string, { size: Size; count: number }>();
  for (const one of tileGrid(h, w, scale, DEFAULT_TILING).tiles) {
    const known = counts.get(`${one.w}x${one.h}`) ?? { size: { h: one.h, w: one.w }, count: 0 };
    counts.set(`${one.w}x${one.h}`, { ...known, count: known.count + 1 });
  }
  const [first, second] = [...counts.values()].toSorted((a, b) => b.count - a.count).map(({ size }) => size);
  return [first!, second ?? { h: first!.h, w: first!.w / 2 }];
}

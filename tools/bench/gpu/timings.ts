import { type Clip, runCosts } from '../../cuda/device-memory.ts';
import { readConfig } from '../../../gpu-worker/families/mochi/config/config.ts';
import { Devices } from '../../../gpu-worker/inference/devices.ts';
import { ModelGraphs } from '../../../gpu-worker/families/mochi/graphs/model-graphs.ts';
import { randn } from '../../../gpu-worker/inference/noise.ts';
import { latentShape } from '../../../gpu-worker/families/mochi/params.ts';
import { CUDA_DECODE_CHUNK, DEFAULT_TILING } from '../../../gpu-worker/families/mochi/config/types.ts';
import { decodeFrames } from '../../../gpu-worker/families/mochi/vae/decode.ts';
import { findWeights } from '../../../gpu-worker/weights/weights.ts';
import { spreadOf } from '../../harness/measure/spread.ts';
import type { Workload } from './workload.ts';
import { INFERENCE_ENTRY } from '../../../gpu-worker/families/mochi/mochi.ts';
import { readGpus } from '../../../gpu-worker/device/gpus.ts';

/** Between two reads of the memory in use. */
const INTERVAL_MS = 250;

/** What one clip took. Seconds are medians. */
export interface ClipTimings {
  clip: Clip;
  /** One pass of the transformer on the first device. */
  forwardS: number;
  teraflop: number;
  /** Both passes of a guided step: at the same time on two devices, else in turn. */
  stepS: number;
  /** All frames, tiled, on all devices. */
  decodeS: number;
  /** Of each GPU, with everything loaded. */
  peakMiB: number[];
}

export interface Timings {
  /** Processes and weights, files in the page cache or not as it happens. */
  loadS: number;
  clips: ClipTimings[];
}

/** Times Mochi with random weights, through the processes that a worker has. */
export async function timings(dir: string, workload: Workload, say: (line: string) => void): Promise<Timings> {
  const { devices: names, computeType } = workload;
  const devices = new Devices(dir, INFERENCE_ENTRY, { devices: names, computeType });
  const loadS = await seconds(() => devices.start());
  say(`loaded in ${loadS.toFixed(1)} s`);
  try {
    const clips: ClipTimings[] = [];
    for (const clip of workload.clips) {
      const { result, peakMiB } = await withPeakMemory(() => clipTimings(dir, devices, workload, clip));
      clips.push({ ...result, peakMiB });
      say(JSON.stringify(clips.at(-1)));
    }
    return { loadS, clips };
  } finally {
    await devices.stop();
  }
}

async function clipTimings(dir: string, devices: Devices, workload: Workload, clip: Clip) {
  const config = await readConfig(dir);
  const { tokens, runs } = workload;
  const { in_channels, text_embed_dim } = config.transformer;
  const shape = latentShape(config, clip);
  const latents = await randn(1, in_channels * shape.T * shape.h * shape.w);
  const text = await randn(2, tokens * text_embed_dim);
  const second = devices.count - 1;
  await devices.call(0, 'condition', 'cond', text);
  await devices.call(second, 'condition', 'uncond', text);

  const forward = async () => {
    const { startedAt, endedAt } = await devices.call(0, 'velocity', 'cond', latents, shape, 500);
    return (endedAt - startedAt) / 1000;
  };
  const step = () =>
    seconds(() => Promise.all([forward(), devices.call(second, 'velocity', 'uncond', latents, shape, 500)]));
  const decode = () =>
    seconds(async () => {
      const args = { latents, shape, tiling: DEFAULT_TILING, decodeChunk: CUDA_DECODE_CHUNK };
      for await (const { frames } of decodeFrames(devices, config.vae, args))
        if (frames < 1) throw new Error('no frame');
    });
  return {
    clip,
    forwardS: await medianOf(runs, forward),
    teraflop: await teraflop(dir, workload, clip),
    stepS: await medianOf(runs, step),
    decodeS: await medianOf(runs, decode),
  };
}

/** Operations of a pass as CUDA does it, in units of 10^12; a multiplication and an addition are two. */
async function teraflop(dir: string, { computeType }: Workload, clip: Clip): Promise<number> {
  const config = await readConfig(dir);
  const graphs = new ModelGraphs(config, { device: 'cuda:0', computeType }, (component) =>
    findWeights(dir, component, computeType),
  );
  const { transformer } = await runCosts(config, graphs, clip);
  return transformer.operations / 1e12;
}

/** After one run that does not count. */
async function medianOf(runs: number, measure: () => Promise<number>): Promise<number> {
  await measure();
  const values: number[] = [];
  for (let i = 0; i < runs; i++) values.push(await measure());
  return spreadOf(values).median;
}

async function seconds(action: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await action();
  return (performance.now() - begin) / 1000;
}

/** Runs something and gives, for each GPU that nvidia-smi knows, the most memory in use meanwhile, in MiB. */
async function withPeakMemory<T>(action: () => Promise<T>): Promise<{ result: T; peakMiB: number[] }> {
  const peakMiB: number[] = [];
  const end = new AbortController();
  const watching = watch(peakMiB, end.signal);
  try {
    return { result: await action(), peakMiB };
  } finally {
    end.abort();
    await watching;
  }
}

async function watch(peakMiB: number[], end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    for (const { index, memory_used_mb: used } of await readGpus()) {
      peakMiB[index] = Math.max(peakMiB[index] ?? 0, used ?? 0);
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

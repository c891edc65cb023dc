import { MOCHI_1 } from '../../cuda/mochi-1.ts';
import type { Clip } from '../../cuda/device-memory.ts';
import type { ComputeType } from '../../../gpu-worker/weights/weights.ts';
import { SMALL_MOCHI } from '../../harness/model/small-mochi.ts';

/** What is computed where. */
export interface Workload {
  devices: string[];
  /** Of what is timed; parity is also done in float32. */
  computeType: ComputeType;
  /** Configuration of the model that gets random weights. */
  model: Readonly<Record<string, object>>;
  clips: Clip[];
  tokens: number;
  /** Runs of which the median counts. */
  runs: number;
}

/** Mochi 1 on GPUs, as a worker with these devices runs it. */
export function realWorkload(devices: string[]): Workload {
  const clips = [85, 163].map((numFrames) => ({ width: 848, height: 480, numFrames }));
  return { devices, computeType: 'bfloat16', model: MOCHI_1, clips, tokens: 256, runs: 3 };
}

/** The same code on the CPU, with little to do: a check of the benchmark, not a benchmark. */
export const SMALL_WORKLOAD: Workload = {
  devices: ['cpu'],
  computeType: 'float32',
  model: SMALL_MOCHI,
  clips: [7, 13].map((numFrames) => ({ width: 64, height: 48, numFrames })),
  tokens: 8,
  runs: 1,
};

import { MOCHI_1 } from '../../../cuda/mochi-1.ts';
import type { Clip } from '../../../cuda/device-memory.ts';
import type { ComputeType } from '../../../../gpu-worker/weights/weights.ts';
import { SMALL_MOCHI } from '../../../harness/model/small-mochi.ts';

/** What is computed where. */
export interface Workload {
  devices: string[];
  /** Of what is timed; parity is also done in float32. */
  computeType: ComputeType;
  /** Configuration of the model that gets random weights. */
  model: Readonly<Record<string, object>>;
  short: Clip;
  long: Clip;
  /** Of the text. */
  tokens: number;
  /** Denoising steps of the whole video. */
  steps: number;
  /** What a step may take, in shares of its estimate for a GPU. */
  scale: number;
}

/** Mochi 1 on GPUs, as a worker with these devices runs it; on `cpu` the same code with next to nothing to do. */
export function workloadOf(devices: string[]): Workload {
  if (devices.includes('cpu')) return { ...SMALL_WORKLOAD, devices };
  const clip = (numFrames: number) => ({ width: 848, height: 480, numFrames });
  const sizes = { short: clip(85), long: clip(163), tokens: 256, steps: 64 };
  return { devices, computeType: 'bfloat16', model: MOCHI_1, ...sizes, scale: 1 };
}

const SMALL_WORKLOAD: Workload = {
  devices: ['cpu'],
  computeType: 'float32',
  model: SMALL_MOCHI,
  short: { width: 64, height: 48, numFrames: 7 },
  long: { width: 64, height: 48, numFrames: 13 },
  tokens: 8,
  steps: 2,
  scale: 1 / 40,
};

/** E.g. `85 frames of 848x480`. */
export const describeClip = ({ width, height, numFrames }: Clip) => `${numFrames} frames of ${width}x${height}`;

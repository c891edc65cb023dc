import { Devices } from '../../../gpu-worker/inference/devices.ts';
import { THREADS } from './benchmark.ts';
import { cpuSeconds } from '../../harness/measure/cpu-time.ts';
import type { Run } from './interleave.ts';
import { randomModel } from './random-model.ts';
import { INFERENCE_ENTRY } from '../../../gpu-worker/families/mochi/mochi.ts';
import { Baseline } from './baseline.ts';

export interface Sides {
  /** Kinora's inference process, with the medium model. */
  devices: Devices;
  baseline: Baseline;
}

/**
 * Starts both sides with the medium model, and ends them after `use`.
 *
 * @param task the baseline's, with what it takes beside `model`
 */
export async function withSides<T>(
  python: string,
  task: { name: string; args: object },
  use: (sides: Sides) => Promise<T>,
): Promise<T> {
  const dir = await randomModel(python, 'medium');
  const devices = new Devices(dir, INFERENCE_ENTRY, { devices: ['cpu'], threads: THREADS });
  await devices.start();
  try {
    const baseline = await Baseline.start(python, task.name, { model: dir, ...task.args });
    try {
      return await use({ devices, baseline });
    } finally {
      await baseline.stop();
    }
  } finally {
    await devices.stop();
  }
}

/** What something takes that Kinora's inference process does. */
export async function measure({ pids }: Devices, action: () => Promise<unknown>): Promise<Run> {
  const pid = pids[0]!;
  const cpuBegin = await cpuSeconds(pid);
  const begin = performance.now();
  await action();
  const seconds = (performance.now() - begin) / 1000;
  return { seconds, cpuSeconds: (await cpuSeconds(pid)) - cpuBegin };
}

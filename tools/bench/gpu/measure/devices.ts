import { INFERENCE_ENTRY } from '../../../../gpu-worker/families/mochi/mochi.ts';
import { Devices } from '../../../../gpu-worker/inference/devices.ts';
import { seconds } from './timing.ts';
import type { StepContext } from './step.ts';

/** Starts the processes that a worker has, with a model, for as long as `use` takes. */
export async function withDevices(
  { workload, report }: StepContext,
  dir: string,
  use: (devices: Devices) => Promise<void>,
): Promise<void> {
  const { devices: names, computeType } = workload;
  const devices = new Devices(dir, INFERENCE_ENTRY, { devices: names, computeType });
  await report({ what: 'loading', value: await seconds(() => devices.start()), unit: 's' });
  try {
    await use(devices);
  } finally {
    await devices.stop();
  }
}

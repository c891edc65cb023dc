import { join } from 'node:path';
import { gemmPeak, type GemmShape } from '../rows/gemm-peak.ts';
import { THREADS } from '../measure/benchmark.ts';
import { writeStandInModel } from '../../cuda/stand-in-model.ts';
import { cpuParity, referenceParity } from './parity.ts';
import type { GpuReport } from './report.ts';
import { timings } from './timings.ts';
import { torchTimings } from './torch-timings.ts';
import type { Workload } from './workload.ts';
import type { Clip } from '../../cuda/device-memory.ts';
import { readConfig } from '../../../gpu-worker/families/mochi/config/config.ts';
import { sizes } from '../../../gpu-worker/families/mochi/graphs/transformer.ts';
import { latentShape } from '../../../gpu-worker/families/mochi/params.ts';

/** Standard deviation of the random weights: activations stay in range over 48 layers. */
const DEVIATION = 0.02;

/**
 * Everything that `npm run bench:gpu` measures.
 *
 * @param folder empty; the random model goes there
 * @param python whose torch is held against it
 * @param say told of each part as it is done
 */
export async function benchGpu(
  workload: Workload,
  { folder, python, say }: { folder: string; python: string; say: (line: string) => void },
): Promise<Omit<GpuReport, 'date' | 'gpus' | 'software'>> {
  const { devices, computeType } = workload;
  const reference = await referenceParity(devices);
  say(`tiny model against diffusers: ${reference.passed} passed, ${reference.failed.length} failed`);
  const parity = await cpuParity(devices, 'float32');
  // The CPU has no kernels for it.
  if (!devices.includes('cpu')) parity.push(...(await cpuParity(devices, 'bfloat16')));
  for (const { what, difference } of parity) say(`${what}: ${difference.toExponential(1)}`);

  const dir = join(folder, 'model');
  await writeStandInModel(dir, workload.model, { random: DEVIATION });
  const peak = await gemmPeak(devices[0]!, computeType, await gemmShape(dir, workload.clips[0]!), THREADS);
  say(`plain matrix products: ${(peak / 1e12).toFixed(1)} TFLOP/s`);
  const { loadS, clips } = await timings(dir, workload, say);
  const torch = await torchTimings(python, dir, workload);
  return { devices, reference, parity, gemmPeak: peak, loadS, clips, torch };
}

/** The largest matrix products of a model's transformer for a clip. */
async function gemmShape(dir: string, clip: Clip): Promise<GemmShape> {
  const config = await readConfig(dir);
  const { T, h, w } = latentShape(config, clip);
  const { D, F } = sizes(config.transformer);
  return { rows: (T * h * w) / config.transformer.patch_size ** 2, width: D, inner: 2 * F };
}

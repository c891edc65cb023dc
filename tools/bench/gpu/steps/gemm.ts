import { readConfig } from '../../../../gpu-worker/families/mochi/config/config.ts';
import { sizes } from '../../../../gpu-worker/families/mochi/graphs/transformer.ts';
import { latentShape } from '../../../../gpu-worker/families/mochi/params.ts';
import { THREADS } from '../../measure/benchmark.ts';
import { gemmPeak } from '../../rows/gemm-peak.ts';
import { modelFolder } from '../measure/model.ts';
import type { StepContext } from '../measure/step.ts';

/** What plain matrix products of the transformer's largest sizes reach: the yardstick of the passes. */
export async function gemm(context: StepContext): Promise<void> {
  const { devices, computeType, short } = context.workload;
  const config = await readConfig(await modelFolder(context, ['transformer']));
  const { T, h, w } = latentShape(config, short);
  const { D, F } = sizes(config.transformer);
  const shape = { rows: (T * h * w) / config.transformer.patch_size ** 2, width: D, inner: 2 * F };
  const peak = await gemmPeak(devices[0]!, computeType, shape, THREADS);
  const what = `${shape.rows} x ${shape.width} x ${shape.inner} in ${computeType}`;
  await context.report({ what, value: peak / 1e12, unit: 'TFLOP/s' });
}

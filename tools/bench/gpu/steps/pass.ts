import { readConfig } from '../../../../gpu-worker/families/mochi/config/config.ts';
import { ModelGraphs } from '../../../../gpu-worker/families/mochi/graphs/model-graphs.ts';
import { latentShape } from '../../../../gpu-worker/families/mochi/params.ts';
import type { Devices } from '../../../../gpu-worker/inference/devices.ts';
import { areFinite } from '../../../../gpu-worker/inference/finite.ts';
import { findWeights } from '../../../../gpu-worker/weights/weights.ts';
import { type Clip, runCosts } from '../../../cuda/device-memory.ts';
import { deviates } from '../../../harness/measure/deviates.ts';
import { withDevices } from '../measure/devices.ts';
import { modelFolder } from '../measure/model.ts';
import { withPeakMemory } from '../measure/peak-memory.ts';
import type { StepContext } from '../measure/step.ts';
import { reportMedian, seconds } from '../measure/timing.ts';
import { describeClip, type Workload } from '../measure/workload.ts';

/** What one pass takes on the first device, and where there are two, both passes of a guided step. */
export async function pass(context: StepContext, clip: Clip): Promise<void> {
  const dir = await modelFolder(context, ['transformer']);
  await withPeakMemory(context, () => withDevices(context, dir, (devices) => passes(context, dir, clip, devices)));
}

async function passes(context: StepContext, dir: string, clip: Clip, devices: Devices): Promise<void> {
  const { workload, report } = context;
  const config = await readConfig(dir);
  const { in_channels, text_embed_dim } = config.transformer;
  const shape = latentShape(config, clip);
  const latents = await deviates(1, in_channels * shape.T * shape.h * shape.w);
  const text = await deviates(2, workload.tokens * text_embed_dim);
  const second = devices.count - 1;
  await devices.call(0, 'condition', 'cond', text);
  await devices.call(second, 'condition', 'uncond', text);

  let finite = true;
  const forward = async () => {
    const { data, startedAt, endedAt } = await devices.call(0, 'velocity', 'cond', latents, shape, 500);
    finite &&= areFinite(data);
    return (endedAt - startedAt) / 1000;
  };
  const median = await reportMedian(context, `a pass, ${describeClip(clip)}`, forward);
  const rate = (await teraflop(dir, workload, clip)) / median;
  await report({ what: `a pass, ${describeClip(clip)}`, value: rate, unit: 'TFLOP/s' });
  await report({ what: 'values', value: finite ? 'all finite' : 'NOT all finite', pass: finite });
  if (second === 0) return;
  const step = () =>
    seconds(() => Promise.all([forward(), devices.call(second, 'velocity', 'uncond', latents, shape, 500)]));
  await reportMedian(context, `a guided step on two devices, ${describeClip(clip)}`, step);
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

import { areFinite } from '../../../../gpu-worker/inference/finite.ts';
import { randn } from '../../../../gpu-worker/inference/noise.ts';
import { Mochi } from '../../../../gpu-worker/families/mochi/index.ts';
import type { ComputeType } from '../../../../gpu-worker/weights/weights.ts';
import { MOCHI_FIXTURE } from '../../../harness/model/mochi-fixture.ts';
import { parityRows } from '../../../parity/run.ts';
import type { StepContext } from '../measure/step.ts';

/** Length of the difference to the length of what the CPU gives in float32; bfloat16 has 8 bits. */
const TOLERANCE: Record<ComputeType, number> = { float32: 1e-4, bfloat16: 0.05 };
const SHAPE = { T: 2, h: 8, w: 8 };
const IDS = Int32Array.from([5, 9, 17, 4, 1]);

/** Whether the devices compute what they should, with a tiny random model. */
export async function parity({ workload: { devices }, report }: StepContext): Promise<void> {
  const expected = await stages(['cpu'], 'float32');
  // The CPU has no kernels for bfloat16.
  const types: ComputeType[] = devices.includes('cpu') ? ['float32'] : ['float32', 'bfloat16'];
  for (const type of types) {
    const found = await stages(devices, type);
    for (const [stage, values] of Object.entries(expected)) {
      const value = relativeDifference(found[stage]!, values);
      const what = `${stage} in ${type}, difference to the CPU's (at most ${TOLERANCE[type]})`;
      await report({ what, value, pass: value <= TOLERANCE[type] });
    }
  }
  const failed: string[] = [];
  let passed = 0;
  for await (const { pass, stage, case: name, maxDifference } of parityRows(MOCHI_FIXTURE, { devices })) {
    if (pass) passed++;
    else failed.push(`${stage}, ${name}: ${maxDifference}`);
  }
  const value = [`${passed} passed`, ...failed].join('; ');
  await report({ what: "float32 against diffusers' own outputs", value, pass: failed.length === 0 });
}

async function stages(devices: string[], computeType: ComputeType): Promise<Record<string, Float32Array>> {
  const model = await Mochi.load(MOCHI_FIXTURE, { devices: devices.slice(0, 1), computeType, tiling: null });
  try {
    const text = await model.encodeText(IDS);
    await model.devices.call(0, 'condition', 'text', text);
    const latents = await randn(4, model.config.transformer.in_channels * SHAPE.T * SHAPE.h * SHAPE.w);
    const { data: velocity } = await model.devices.call(0, 'velocity', 'text', latents, SHAPE, 500);
    const frames: number[] = [];
    for await (const { data } of model.decode(latents, SHAPE)) frames.push(...data);
    return { text, velocity, frames: Float32Array.from(frames) };
  } finally {
    await model.close();
  }
}

/** Length of the difference of two vectors to the length of the second; NaN where they cannot be compared. */
export function relativeDifference(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length || !areFinite(found)) return NaN;
  const square = (sum: number, value: number) => sum + value * value;
  const difference = found.map((value, i) => value - expected[i]!);
  return Math.sqrt(difference.reduce(square, 0) / expected.reduce(square, 0));
}

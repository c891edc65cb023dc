import { randn } from '../../../gpu-worker/inference/noise.ts';
import { Mochi } from '../../../gpu-worker/families/mochi/index.ts';
import { parityRows } from '../../parity/run.ts';
import type { ComputeType } from '../../../gpu-worker/weights/weights.ts';
import { MOCHI_FIXTURE } from '../../harness/model/mochi-fixture.ts';

/** Length of the difference to the length of what the CPU gives in float32; bfloat16 has 8 bits. */
const TOLERANCE: Record<ComputeType, number> = { float32: 1e-4, bfloat16: 0.05 };
const SHAPE = { T: 2, h: 8, w: 8 };
const IDS = Int32Array.from([5, 9, 17, 4, 1]);

export interface Parity {
  what: string;
  /** Largest share that a difference has. */
  difference: number;
  tolerance: number;
  pass: boolean;
}

/** The tiny random model's stages on the first device, against diffusers' outputs in float32. */
export async function referenceParity(devices: string[]): Promise<{ passed: number; failed: string[] }> {
  const failed: string[] = [];
  let passed = 0;
  for await (const { pass, stage, case: name, maxDifference } of parityRows(MOCHI_FIXTURE, { devices })) {
    if (pass) passed++;
    else failed.push(`${stage}, ${name}: ${maxDifference}`);
  }
  return { passed, failed };
}

/** The same model on the devices in a precision, against the CPU in float32. */
export async function cpuParity(devices: string[], computeType: ComputeType): Promise<Parity[]> {
  const expected = await stages(['cpu'], 'float32');
  const found = await stages(devices, computeType);
  const tolerance = TOLERANCE[computeType];
  return Object.entries(expected).map(([stage, values]) => {
    const difference = relativeDifference(found[stage]!, values);
    return { what: `${stage}, ${computeType}`, difference, tolerance, pass: difference <= tolerance };
  });
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

/** Length of the difference of two vectors to the length of the second. */
export function relativeDifference(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return NaN;
  const square = (sum: number, value: number) => sum + value * value;
  const difference = found.map((value, i) => value - expected[i]!);
  return Math.sqrt(difference.reduce(square, 0) / expected.reduce(square, 0));
}

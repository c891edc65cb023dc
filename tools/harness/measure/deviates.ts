import { randn } from '../../../gpu-worker/inference/noise.ts';

/** A prime: no two rows of a matrix begin at the same deviate. */
export const PERIOD = 1_000_003;

/** Normal deviates that repeat after a million, since a hundred million different ones take most of a minute. */
export async function deviates(seed: number, count: number, deviation = 1): Promise<Float32Array> {
  const block = (await randn(seed, PERIOD)).map((value) => value * deviation);
  const values = new Float32Array(count);
  for (let at = 0; at < count; at += PERIOD) values.set(block.subarray(0, Math.min(PERIOD, count - at)), at);
  return values;
}

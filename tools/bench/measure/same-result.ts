import { readFile } from 'node:fs/promises';

/** Largest difference that two sides which compute the same may show, as a share of the largest value. */
const TOLERANCE = 1e-3;

/**
 * Says how far ours is from what the baseline left in a file of float32: figures count only where both did the same.
 *
 * @throws Error where they did not
 */
export async function sameResult(ours: Float32Array, baselineFile: string): Promise<string> {
  const bytes = await readFile(baselineFile);
  const baseline = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  if (baseline.length !== ours.length)
    throw new Error(`ours has ${ours.length} values, the baseline's ${baseline.length}`);
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < ours.length; i++) {
    difference = Math.max(difference, Math.abs(ours[i]! - baseline[i]!));
    largest = Math.max(largest, Math.abs(baseline[i]!));
  }
  const share = difference / largest;
  if (!(share <= TOLERANCE)) throw new Error(`the two sides differ by ${share.toExponential(1)} of the largest value`);
  return `Both sides give the same to ${share.toExponential(0)} of the largest value.`;
}

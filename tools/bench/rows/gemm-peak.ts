import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ComputeType } from '../../../gpu-worker/weights/weights.ts';

const PROGRAM = fileURLToPath(new URL('../programs/gemm-peak.js', import.meta.url));

export interface GemmShape {
  rows: number;
  width: number;
  inner: number;
}

/** Operations a second that plain matrix products reach on a device, in a process of its own. */
export async function gemmPeak(
  device: string,
  computeType: ComputeType,
  { rows, width, inner }: GemmShape,
  threads: number,
): Promise<number> {
  const args = [PROGRAM, device, computeType, ...[rows, width, inner, threads].map(String)];
  const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1', NVIDIA_TF32_OVERRIDE: '0' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return Number(stdout);
}

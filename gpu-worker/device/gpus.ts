import { execFile } from 'node:child_process';
import type { Gpu } from '../../contract/worker-status.ts';

const FIELDS = ['index', 'name', 'utilization.gpu', 'memory.used', 'memory.total', 'temperature.gpu'];
/** A driver in trouble answers late or never. */
const TIMEOUT_MS = 3_000;

/** The GPUs of this machine, as `nvidia-smi` tells of them; none where there is no such program. */
export function readGpus(): Promise<Gpu[]> {
  const args = [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'];
  return new Promise((resolve) => {
    execFile('nvidia-smi', args, { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, stdout) => {
      resolve(error ? [] : stdout.trim().split('\n').flatMap(gpuOf));
    });
  });
}

function gpuOf(line: string): Gpu[] {
  const [index, name, ...numbers] = line.split(', ');
  if (name === undefined) return [];
  // `[N/A]` and the like.
  const [utilization = null, used = null, total = null, temperature = null] = numbers.map((text) =>
    /^[\d.]+$/.test(text) ? Number(text) : null,
  );
  return [
    {
      index: Number(index),
      name,
      utilization,
      memory_used_mb: used,
      memory_total_mb: total,
      temperature_c: temperature,
    },
  ];
}

/**
 * What kind of device these are, to compare jobs by: `cpu`, or e.g. `2x NVIDIA H100 80GB HBM3`.
 *
 * @param devices as configured, e.g. `cuda:0`
 */
export function deviceKind(devices: readonly string[], gpus: readonly Gpu[]): string {
  const [first = 'cpu'] = devices;
  if (first === 'cpu') return 'cpu';
  const index = Number(first.split(':')[1] ?? 0);
  return `${devices.length}x ${gpus.find((gpu) => gpu.index === index)?.name ?? 'CUDA'}`;
}

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

/** How long one read of the driver is fresh. */
const FRESH_MS = 5_000;

/** The machine's GPUs, read in the background: callers never wait for the driver. */
export class GpuWatch {
  #gpus: Gpu[] | null = null;
  #freshUntil = 0;

  constructor() {
    this.#read();
  }

  /** As last read; a stale value starts the next read. Null where there are none. */
  get newest(): Gpu[] | null {
    if (performance.now() > this.#freshUntil) this.#read();
    return this.#gpus;
  }

  #read(): void {
    this.#freshUntil = performance.now() + FRESH_MS;
    void readGpus().then((gpus) => (this.#gpus = gpus.length === 0 ? null : gpus));
  }
}

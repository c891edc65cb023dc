import { Gauge, type Registry } from 'prom-client';
import type { Gpu } from '../../contract/worker-status.ts';
import { readGpus } from './gpus.ts';

const MEGABYTE = 1_048_576;
/** One read of the driver serves all gauges of a scrape. */
const FRESH_MS = 1_000;

/** What the driver says of a worker's GPUs, read when Prometheus asks. */
export function deviceMetrics(registry: Registry, devices: readonly string[]): void {
  const indices = devices.filter((name) => name.startsWith('cuda')).map((name) => Number(name.split(':')[1] ?? 0));
  if (indices.length === 0) return;
  let gpus = Promise.resolve<Gpu[]>([]);
  let readAt = -Infinity;
  const read = () => {
    if (performance.now() - readAt > FRESH_MS) {
      readAt = performance.now();
      gpus = readGpus();
    }
    return gpus;
  };
  const gauge = (name: string, help: string, value: (gpu: Gpu) => number | null) =>
    new Gauge({
      name,
      help,
      labelNames: ['gpu'],
      registers: [registry],
      async collect() {
        // A value that the driver no longer gives must not stay at its last one.
        this.reset();
        for (const gpu of await read()) {
          const now = value(gpu);
          if (indices.includes(gpu.index) && now !== null) this.set({ gpu: String(gpu.index) }, now);
        }
      },
    });
  gauge('kinora_gpu_utilization_ratio', 'Share of time in which the GPU worked.', ({ utilization }) =>
    utilization === null ? null : utilization / 100,
  );
  gauge('kinora_gpu_memory_used_bytes', 'Memory in use.', ({ memory_used_mb: mb }) => mb && mb * MEGABYTE);
  gauge('kinora_gpu_memory_size_bytes', 'Memory there is.', ({ memory_total_mb: mb }) => mb && mb * MEGABYTE);
  gauge('kinora_gpu_temperature_celsius', 'Temperature.', ({ temperature_c }) => temperature_c);
}

import { readGpus } from '../../../../gpu-worker/device/gpus.ts';
import type { StepContext } from './step.ts';

/** Between two reads of the memory in use. */
const INTERVAL_MS = 250;

/** Runs something, and reports the most memory in use meanwhile on each GPU that nvidia-smi knows. */
export async function withPeakMemory<T>({ report }: StepContext, action: () => Promise<T>): Promise<T> {
  const peakMiB = new Map<number, number>();
  const end = new AbortController();
  const watching = watch(peakMiB, end.signal);
  try {
    return await action();
  } finally {
    end.abort();
    await watching;
    for (const [index, mib] of peakMiB) {
      await report({ what: `most memory in use, GPU ${index}`, value: mib / 1024, unit: 'GiB' });
    }
  }
}

async function watch(peakMiB: Map<number, number>, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    for (const { index, memory_used_mb: used } of await readGpus()) {
      peakMiB.set(index, Math.max(peakMiB.get(index) ?? 0, used ?? 0));
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

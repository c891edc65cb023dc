import { readGpus } from '../../../gpu-worker/device/gpus.ts';

const INTERVAL_MS = 250;

/** Runs something and gives, for each GPU that nvidia-smi knows, the most memory in use meanwhile, in MiB. */
export async function withPeakMemory<T>(action: () => Promise<T>): Promise<{ result: T; peakMiB: number[] }> {
  const peakMiB: number[] = [];
  const end = new AbortController();
  const watching = watch(peakMiB, end.signal);
  try {
    return { result: await action(), peakMiB };
  } finally {
    end.abort();
    await watching;
  }
}

async function watch(peakMiB: number[], end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    for (const { index, memory_used_mb: used } of await readGpus()) {
      peakMiB[index] = Math.max(peakMiB[index] ?? 0, used ?? 0);
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

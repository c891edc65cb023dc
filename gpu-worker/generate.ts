import { Context } from '@temporalio/activity';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Logger } from '../temporal/logger.ts';
import type { GpuActivities } from '../workflows/contract.ts';
import { Attempt } from './attempt.ts';
import type { GpuWorkerConfig } from './config.ts';
import type { GpuWorkerMetrics } from './metrics/gpu-worker-metrics.ts';
import type { ModelHost } from './model-host.ts';
import type { DecodeRate } from './time-left.ts';

export interface GenerateDeps {
  host: ModelHost;
  scratch: ObjectStore;
  config: Pick<GpuWorkerConfig, 'CHECKPOINT_SECONDS' | 'CHECKPOINT_STEPS' | 'PREVIEW_SECONDS' | 'STEP_DEADLINE'>;
  /** Aborted at SIGTERM: running work is handed over. */
  shutdown: AbortSignal;
  /** Ends the whole process: nothing less frees a device whose process does not even die. */
  giveUp: (reason: string) => void;
  metrics: GpuWorkerMetrics;
  log: Logger;
}

/** The one activity of the GPU queue: a spec becomes a file of lossless frames in the scratch store. */
export function createGenerate(deps: GenerateDeps): GpuActivities['generate'] {
  const rate: DecodeRate = { secondsPerMegapixel: null };
  return (input) => new Attempt(deps, rate, input, Context.current()).run();
}

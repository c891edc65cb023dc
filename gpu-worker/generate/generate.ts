import type { ObjectStore } from '../../storage/object-store.ts';
import type { EncryptionKey } from '../../temporal/encryption/keys-file.ts';
import type { Logger } from '../../platform/log/logger.ts';
import type { GenerateHeartbeat } from '../../contract/progress.ts';
import type { GenerateConfig } from './config.ts';
import type { GpuWorkerMetrics } from '../metrics/gpu-worker-metrics.ts';
import type { ModelHost } from '../device/model-host.ts';
import { Context } from '@temporalio/activity';
import type { GpuActivities } from '../../contract/activities.ts';
import { Attempt } from './attempt.ts';
import type { DecodeRate } from './time-left.ts';

/** What every attempt at a video works with. */
export interface GenerateDeps {
  host: ModelHost;
  scratch: ObjectStore;
  /** What is left there is signed with the first, and believed if any of them has signed it; none: everything is believed. */
  scratchKeys: () => readonly EncryptionKey[];
  config: GenerateConfig;
  /** Aborted at SIGTERM: running work is handed over. */
  shutdown: AbortSignal;
  /** Ends the whole process: nothing less frees a device whose process does not even die. */
  giveUp: (reason: string) => void;
  metrics: GpuWorkerMetrics;
  /** Told of every heartbeat. */
  onHeartbeat?: (videoId: string, details: GenerateHeartbeat) => void;
  log: Logger;
}

/** The one activity of the GPU queue: a spec becomes a file of lossless frames in the scratch store. */
export function createGenerate(deps: GenerateDeps): GpuActivities['generate'] {
  const rate: DecodeRate = { secondsPerMegapixel: null };
  return (input) => new Attempt(deps, rate, input, Context.current()).run();
}

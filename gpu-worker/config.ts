import { z } from 'zod';
import { storageEnv } from '../storage/config.ts';
import { workerEnv } from '../temporal/config.ts';
import { deviceEnv } from './device/config.ts';
import { generateEnv } from './generate/config.ts';

const seconds = z.coerce.number().positive();

/** Settings of the GPU worker. */
export const gpuWorkerEnv = z.object({
  ...workerEnv.shape,
  ...storageEnv.omit({ ARTEFACTS_URL: true }).shape,
  ...deviceEnv.shape,
  ...generateEnv.shape,
  /**
   * JSON file of keys, as of `ENCRYPTION_KEYS_FILE`, whose keys are taken where it is left out: checkpoints and finished
   * frames are signed with the first, and believed if signed with any. All GPU workers need the same.
   * @default the keys of `ENCRYPTION_KEYS_FILE`
   */
  SCRATCH_KEYS_FILE: z.string().optional(),
  /** What an hour of one GPU costs, in any currency: the dashboards then tell what videos cost. */
  GPU_HOUR_PRICE: z.coerce.number().positive().optional(),
  /** Seconds between SIGTERM and the end of the process; keep it below the pod's `terminationGracePeriodSeconds`. @unit s */
  SHUTDOWN_GRACE: seconds.default(20),
});
export type GpuWorkerConfig = z.infer<typeof gpuWorkerEnv>;

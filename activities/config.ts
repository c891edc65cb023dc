import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { accountsEnv } from '../platform/accounts/config.ts';
import { storageEnv } from '../storage/config.ts';
import { workerEnv } from '../temporal/config.ts';

/** Settings of the CPU worker. */
export const cpuWorkerEnv = z
  .object({
    ...workerEnv.shape,
    ...storageEnv.shape,
    ...accountsEnv.shape,
    /** `true` lets webhooks be on this machine and in private networks; only where every account is trusted with that. */
    WEBHOOK_ALLOW_PRIVATE: z.stringbool().default(false),
    /** Folder of the model; the CPU worker reads its `profile.json` and tokenizer only. */
    MODEL_DIR: z.string(),
    /** Local folder for the files of running activities: about 200 MB for each that runs, more for the largest sizes. @default `kinora` in the system's temporary folder */
    TEMP_DIR: z.string().default(join(tmpdir(), 'kinora')),
    /** Activities that run at once: checks and uploads mostly wait for the network. */
    CPU_CONCURRENCY: z.coerce.number().int().min(1).max(1000).default(8),
    /** Encoders that run at once; each uses two to four cores. @default half the cores */
    ENCODERS: z.coerce
      .number()
      .int()
      .min(1)
      .max(64)
      .default(Math.max(1, Math.floor(availableParallelism() / 2))),
    /** `false` leaves the prompt, the negative prompt and the original prompt out of the settings that a finished MP4 holds. */
    PROMPT_IN_FILES: z.stringbool().default(true),
    /** Exports (WebM, GIF, single frames) that are made at once, beside the encoders; each uses one to two cores. */
    EXPORTS: z.coerce.number().int().min(1).max(64).default(1),
    /** Seconds between SIGTERM and the end of the process; keep it below the pod's `terminationGracePeriodSeconds`. @unit s */
    SHUTDOWN_GRACE: z.coerce.number().positive().max(3600).default(20),
  })
  .refine(({ SCRATCH_URL, ARTEFACTS_URL }) => SCRATCH_URL !== ARTEFACTS_URL, {
    path: ['SCRATCH_URL'],
    message: 'must differ from ARTEFACTS_URL, for a finished video deletes its scratch files',
  });

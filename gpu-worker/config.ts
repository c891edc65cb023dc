import { z } from 'zod';
import { storageEnv } from '../storage/config.ts';
import { workerEnv } from '../temporal/config.ts';

const seconds = z.coerce.number().positive();

/** Settings of the GPU worker. */
export const gpuWorkerEnv = workerEnv.extend(storageEnv.omit({ ARTEFACTS_URL: true }).shape).extend({
  /** Folder of the model in diffusers' layout, e.g. the published Mochi 1 or the shipped mochi-tiny. */
  MODEL_DIR: z.string(),
  /**
   * JSON file of keys, as of `ENCRYPTION_KEYS_FILE`, whose keys are taken where it is left out: checkpoints and finished
   * frames are signed with the first, and believed if signed with any. All GPU workers need the same.
   */
  SCRATCH_KEYS_FILE: z.string().optional(),
  /** One device, or two that share the work of one video: `cpu`, or `cuda:0,cuda:1`. */
  DEVICES: z
    .string()
    .regex(/^(cpu|cuda(:\d+)?)(,(cpu|cuda(:\d+)?))?$/, 'must name one or two devices, e.g. cpu or cuda:0,cuda:1')
    .default('cpu')
    .transform((names) => names.split(',')),
  /** Precision of the matrix work: float32 or bfloat16; float32 on the CPU and bfloat16 on CUDA where left out. */
  COMPUTE_TYPE: z.enum(['float32', 'bfloat16']).optional(),
  /** Threads of each CPU device; the cores shared out where left out. */
  CPU_THREADS: z.coerce.number().int().min(1).optional(),
  /** Seconds of work between two checkpoints: what a crash can cost at most. */
  CHECKPOINT_SECONDS: seconds.default(30),
  /** A checkpoint after every so many steps instead, whatever they take. */
  CHECKPOINT_STEPS: z.coerce.number().int().min(1).optional(),
  /** Seconds between two previews of a running job, at least a step apart; 0 for none. */
  PREVIEW_SECONDS: z.coerce.number().min(0).default(1),
  /**
   * Seconds after which a step (or a chunk of decoded frames) counts as hung: its processes are killed and the job is
   * tried again. Where left out, ten times the median of the job's own steps, at least 60, and 600 for its first.
   */
  STEP_DEADLINE: seconds.optional(),
  /** Seconds that loading the weights may take. */
  LOAD_DEADLINE: seconds.default(1800),
  /** What an hour of one GPU costs, in any currency: the dashboards then tell what videos cost. */
  GPU_HOUR_PRICE: z.coerce.number().positive().optional(),
  /** Seconds between SIGTERM and the end of the process; keep it below the pod's `terminationGracePeriodSeconds`. */
  SHUTDOWN_GRACE: seconds.default(20),
});
export type GpuWorkerConfig = z.infer<typeof gpuWorkerEnv>;

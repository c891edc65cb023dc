import { z } from 'zod';

const seconds = z.coerce.number().positive();

/** Settings of how a video is made. */
export const generateEnv = z.object({
  /** Seconds of work between two checkpoints: what a crash can cost at most. */
  CHECKPOINT_SECONDS: seconds.default(30),
  /** Number of steps between two checkpoints instead. */
  CHECKPOINT_STEPS: z.coerce.number().int().min(1).optional(),
  /** Seconds between two previews of a running job, at least a step apart; 0 for none. */
  PREVIEW_SECONDS: z.coerce.number().min(0).default(1),
  /**
   * Seconds after which a step (or a chunk of decoded frames) counts as hung: its processes are killed and the job is
   * tried again. Where left out, ten times the median of the job's own steps, at least 60, and 600 for its first.
   * @default by the steps of the job itself
   * @unit s
   */
  STEP_DEADLINE: seconds.optional(),
});
export type GenerateConfig = z.infer<typeof generateEnv>;

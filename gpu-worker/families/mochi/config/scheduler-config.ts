import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../../weights/model-file.ts';

const off = z.literal(false).nullish();

/** Only Mochi's own settings: with any other the frames would be wrong, so they are refused by name. */
const schedulerSchema = z.object({
  _class_name: z.literal('FlowMatchEulerDiscreteScheduler'),
  num_train_timesteps: z.int().min(1).default(1000),
  shift: z.literal(1).default(1),
  shift_terminal: z.literal(0).nullish(),
  invert_sigmas: z.literal(true),
  use_dynamic_shifting: off,
  use_karras_sigmas: off,
  use_exponential_sigmas: off,
  use_beta_sigmas: off,
  stochastic_sampling: off,
});

/** What Mochi's sampler takes from `scheduler/scheduler_config.json`. */
export type SchedulerConfig = z.infer<typeof schedulerSchema>;

/**
 * Reads the scheduler's config of a model folder.
 *
 * @throws ModelFolderError naming the file and the setting that is not implemented
 */
export function readSchedulerConfig(dir: string): Promise<SchedulerConfig> {
  return readJson(join(dir, 'scheduler', 'scheduler_config.json'), schedulerSchema);
}

import { z } from 'zod';

/** Settings of what a GPU worker computes with. */
export const deviceEnv = z.object({
  /** Folder of the model in diffusers' layout, e.g. the published Mochi 1 or the shipped mochi-tiny. */
  MODEL_DIR: z.string(),
  /** One device, or two that share the work of one video: `cpu`, or `cuda:0,cuda:1`. */
  DEVICES: z
    .string()
    .regex(/^(cpu|cuda(:\d+)?)(,(cpu|cuda(:\d+)?))?$/, 'must name one or two devices, e.g. cpu or cuda:0,cuda:1')
    .default('cpu')
    .transform((names) => names.split(',')),
  /** Precision of the matrix work. @default `float32` on the CPU, `bfloat16` on CUDA */
  COMPUTE_TYPE: z.enum(['float32', 'bfloat16']).optional(),
  /** Threads of each CPU device. @default the cores, shared out */
  CPU_THREADS: z.coerce.number().int().min(1).optional(),
  /** Seconds that loading the weights may take. @unit s */
  LOAD_DEADLINE: z.coerce.number().positive().default(1800),
});
export type DeviceConfig = z.infer<typeof deviceEnv>;

import { z } from 'zod';

/** A GPU as its driver reports it; null for what the driver does not say. */
export const gpuSchema = z.strictObject({
  index: z.int(),
  name: z.string(),
  utilization: z.number().nullable().meta({ description: 'Percent.' }),
  memory_used_mb: z.number().nullable(),
  memory_total_mb: z.number().nullable(),
  temperature_c: z.number().nullable(),
});
export type Gpu = z.infer<typeof gpuSchema>;

/** What a worker says of itself, at `/status` of its health port. */
export const workerStatusSchema = z.strictObject({
  kind: z.enum(['gpu', 'cpu']),
  ready: z.boolean().meta({ description: 'Takes work.' }),
  device: z.string().nullable().meta({ description: 'As set, e.g. `cuda:0,cuda:1`.', example: 'cpu' }),
  device_kind: z.string().nullable().meta({ example: '2x NVIDIA H100 80GB HBM3' }),
  model: z.string().nullable().meta({ description: 'Id of the model that it holds.' }),
  warm_since: z.int().nullable().meta({ description: 'Since when it holds its weights, in unix seconds.' }),
  current: z
    .strictObject({
      video_id: z.string(),
      phase: z.string(),
      step: z.int().nullable(),
      steps: z.int().nullable(),
    })
    .nullable()
    .meta({ description: 'What it is doing; the oldest of several things.' }),
  gpus: z.array(gpuSchema).nullable().meta({ description: 'GPUs of its machine; null where there are none.' }),
  last_error: z
    .strictObject({ at: z.int(), code: z.string(), message: z.string() })
    .nullable()
    .meta({ description: 'The last attempt that failed since its start.' }),
  completed: z.int().meta({ description: 'Attempts that completed since its start.' }),
  failed: z
    .int()
    .meta({ description: 'Attempts that failed since its start; handed over and cancelled ones are not.' }),
});
export type WorkerStatus = z.infer<typeof workerStatusSchema>;

/** What only the entry of a worker knows of it. */
export type WorkerEquipment = Pick<WorkerStatus, 'device' | 'device_kind' | 'model' | 'warm_since' | 'gpus'>;

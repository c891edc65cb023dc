import { z } from 'zod';
import { workerStatusSchema } from '../../contract/worker-status.ts';

/** A worker, as operators see it. What it does not say, or has no health port to say, is null. */
const workerSchema = workerStatusSchema
  .omit({ ready: true, completed: true, failed: true })
  .extend({
    id: z.string().meta({ example: 'gpu-worker 4711@host' }),
    object: z.literal('worker'),
    host: z.string().nullable(),
    pid: z.int().nullable(),
    task_queue: z.string(),
    last_seen_at: z.int().meta({ description: 'When it last asked for work or answered, in unix seconds.' }),
    ready: z.boolean().nullable().meta({ description: 'Takes work.' }),
    completed: z.int().nullable().meta({ description: 'Attempts that completed since its start.' }),
    failed: z.int().nullable().meta({ description: 'Attempts that failed since its start.' }),
  })
  .meta({ id: 'Worker' });

export type WorkerObject = z.infer<typeof workerSchema>;

export const workerListSchema = z
  .strictObject({ object: z.literal('list'), data: z.array(workerSchema) })
  .meta({ id: 'WorkerList' });

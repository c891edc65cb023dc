import { z } from 'zod';
import { workerStatusSchema } from '../../contract/worker-status.ts';

/** A worker. Values that it does not report are null. */
const workerSchema = workerStatusSchema
  .omit({ ready: true, completed: true, failed: true })
  .extend({
    id: z.string().meta({ example: 'gpu-worker 4711@host' }),
    object: z.literal('worker'),
    host: z.string().nullable(),
    pid: z.int().nullable(),
    task_queue: z.string(),
    last_seen_at: z
      .int()
      .meta({ description: 'When it last polled for work or reported its status, in Unix seconds.' }),
    ready: z.boolean().nullable().meta({ description: 'Accepts work.' }),
    completed: z.int().nullable().meta({ description: 'Completed attempts since its start.' }),
    failed: z.int().nullable().meta({ description: 'Failed attempts since its start.' }),
  })
  .meta({ id: 'Worker' });

export type WorkerObject = z.infer<typeof workerSchema>;

export const workerListSchema = z
  .strictObject({ object: z.literal('list'), data: z.array(workerSchema) })
  .meta({ id: 'WorkerList' });

import { z } from 'zod';
import { gpuSchema } from '../../contract/worker-status.ts';

/** Response of `/readyz`. */
export const readySchema = z.strictObject({
  status: z.literal('ok'),
  missing: z.array(z.string()).meta({ description: 'Dependencies that are down; requests that need them get 503.' }),
});

export type Ready = z.infer<typeof readySchema>;

const known = (description: string) =>
  z
    .int()
    .nullable()
    .meta({ description: `${description}; null while unknown.` });

/** Response of `/healthz`; its numbers are a few seconds old. */
export const healthSchema = z
  .strictObject({
    status: z.literal('ok'),
    cpu: z.strictObject({
      cores: z.int(),
      load_1m: z.number(),
      percent: z.number().nullable().meta({ description: 'Of all cores; null while unknown.' }),
    }),
    memory: z.strictObject({
      rss_mb: z.int().meta({ description: 'Of this process.' }),
      free_mb: z.int(),
      total_mb: z.int(),
    }),
    gpu: z
      .array(gpuSchema.extend({ host: z.string().nullable() }))
      .nullable()
      .meta({ description: 'GPUs that the workers report; null if there are none.' }),
    active: known('Running videos'),
    queued: known('Videos waiting for a GPU'),
    completed: known('Completed videos in the list'),
  })
  .meta({ id: 'Health' });

export type Health = z.infer<typeof healthSchema>;

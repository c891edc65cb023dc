import { z } from 'zod';
import { gpuSchema } from '../../contract/worker-status.ts';

/** Answer of `/readyz`. */
export const readySchema = z.strictObject({
  status: z.literal('ok'),
  missing: z.array(z.string()).meta({ description: 'What is away for now, in words; requests that need it get 503.' }),
});

export type Ready = z.infer<typeof readySchema>;

const known = (description: string) =>
  z
    .int()
    .nullable()
    .meta({ description: `${description}; null while unknown.` });

/** Answer of `/healthz`: numbers from a moment ago. */
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
      .meta({ description: 'GPUs that the workers report; null where there are none.' }),
    active: known('Videos in the making'),
    queued: known('Videos that wait for a GPU'),
    completed: known('Completed videos that are still listed'),
  })
  .meta({ id: 'Health' });

export type Health = z.infer<typeof healthSchema>;

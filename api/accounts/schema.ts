import { z } from 'zod';

const limit = (what: string) =>
  z
    .int()
    .nullable()
    .meta({ description: `${what}; null for no limit` });

/** Answer of `GET /v1/account`: who the server takes the caller for, and what they may have. */
export const accountSchema = z
  .object({
    object: z.literal('account'),
    id: z.string(),
    admin: z.boolean().meta({ description: 'an operator: sees every account, and the workers' }),
    auth: z.enum(['open', 'key']).meta({ description: 'open: the server has one user and asks for no key' }),
    limits: z.object({
      queued: limit('videos that may wait for a GPU'),
      running: limit('videos that may be in the making; queued + running may be unfinished'),
      requests_per_minute: limit('requests other than GET within a minute'),
    }),
    usage: z.object({
      queued: z.int().meta({ description: 'videos that wait for a GPU' }),
      running: z.int().meta({ description: 'videos in the making' }),
    }),
    temporal_ui_url: z
      .string()
      .nullable()
      .meta({ description: "Temporal's Web UI, at the videos' namespace; for operators only" }),
  })
  .meta({ id: 'Account', description: 'The caller' });

export type AccountObject = z.infer<typeof accountSchema>;

import { z } from 'zod';

const limit = (what: string) =>
  z
    .int()
    .nullable()
    .meta({ description: `${what}; null for no limit.` });

/** Response of `GET /v1/account`: the caller's account, limits and usage. */
export const accountSchema = z
  .object({
    object: z.literal('account'),
    id: z.string(),
    admin: z.boolean().meta({ description: 'An operator, who can read all accounts and the workers.' }),
    auth: z.enum(['open', 'key']).meta({ description: 'open: the server has one user and requires no key.' }),
    limits: z.object({
      queued: limit('Limit of videos waiting for a GPU'),
      running: limit('Limit of running videos; queued + running is the limit of unfinished ones'),
      requests_per_minute: limit('Limit of requests a minute, other than GET'),
    }),
    usage: z.object({
      queued: z.int().meta({ description: 'Videos waiting for a GPU.' }),
      running: z.int().meta({ description: 'Running videos.' }),
    }),
    share_links: z.boolean().meta({ description: 'Whether this server makes share links of videos.' }),
    prompt_enhancer: z.boolean().meta({ description: 'Whether this server enhances prompts.' }),
    temporal_ui_url: z
      .string()
      .nullable()
      .meta({ description: "Temporal's Web UI, at the videos' namespace; null for everyone but operators." }),
  })
  .meta({ id: 'Account', description: "The caller's account." });

export type AccountObject = z.infer<typeof accountSchema>;

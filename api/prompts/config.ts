import { z } from 'zod';

/** Settings of the service that enhances prompts. */
export const enhancerEnv = z.object({
  /** Address of an OpenAI-compatible API whose `/chat/completions` enhances prompts, e.g. `http://127.0.0.1:11434/v1`. Without it none are. */
  ENHANCER_URL: z
    .url({ protocol: /^https?$/, message: 'must be an http or https address' })
    .refine((url) => !/^[a-z]+:\/\/[^/?#]*@/i.test(url), 'must have no user and password: set ENHANCER_API_KEY')
    .optional(),
  /** Key that it asks for. */
  ENHANCER_API_KEY: z.string().optional(),
  /** Name of its model; required with `ENHANCER_URL`. */
  ENHANCER_MODEL: z.string().optional(),
  /** The longest that one answer may take, in ms. */
  ENHANCER_TIMEOUT_MS: z.coerce.number().int().min(100).max(120_000).default(20_000),
  /** Prompts that an account may have enhanced within a minute, at each API process; beyond that they are answered 429. */
  ENHANCER_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).default(10),
});
export type EnhancerConfig = z.infer<typeof enhancerEnv>;

import { z } from 'zod';

/** Settings that say which prompts are refused. */
export const policyEnv = z.object({
  /** Text file of what must not be in a prompt: a word, a phrase or a `/regular expression/` a line. */
  POLICY_BLOCKLIST_FILE: z.string().optional(),
  /** HTTP service that is asked about every prompt. */
  POLICY_MODERATOR_URL: z.url({ protocol: /^https?$/, message: 'must be an http or https address' }).optional(),
  /** The longest that it may take, and the block list, in ms for a prompt. */
  POLICY_TIMEOUT_MS: z.coerce.number().int().min(1).max(60_000).default(5_000),
  /** `true` lets prompts pass while it does not answer; else they get 503. */
  POLICY_FAIL_OPEN: z.stringbool().default(false),
});
export type PolicyConfig = z.infer<typeof policyEnv>;

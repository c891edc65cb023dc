import { z } from 'zod';

/** Where models come from; the names that Hugging Face's own tools read. */
export const hubEnv = z.object({
  /** Address of the hub or of a mirror that answers like it. */
  HF_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://huggingface.co'),
  /** Token of an account, for repositories that are not public. */
  HF_TOKEN: z.string().optional(),
  /** `1`: nothing is fetched; what an earlier pull left is verified. */
  HF_HUB_OFFLINE: z.stringbool().default(false),
});
export type HubConfig = z.infer<typeof hubEnv>;

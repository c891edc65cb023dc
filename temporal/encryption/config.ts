import { z } from 'zod';

/** Settings of what Temporal may read. */
export const encryptionEnv = z.object({
  /** JSON file of the keys with which everything that Temporal keeps is encrypted. Without it nothing is. */
  ENCRYPTION_KEYS_FILE: z.string().optional(),
});
export type EncryptionConfig = z.infer<typeof encryptionEnv>;

import { z } from 'zod';
import { webhookSecret, webhookUrl } from './accounts-file.ts';

/** Settings that say who the users are; the API and the CPU worker take the same. */
export const accountsEnv = z.object({
  /** JSON file of the accounts and their keys' hashes. Without it the service has one user and asks for no key. */
  API_KEYS_FILE: z.string().optional(),
  /** Where the one user of a service without `API_KEYS_FILE` is told how videos ended. */
  WEBHOOK_URL: webhookUrl.optional(),
  /** Its secrets, separated by commas; each signs. */
  WEBHOOK_SECRETS: z
    .string()
    .default('')
    .transform((list) => list.split(',').map((secret) => secret.trim()))
    .transform((list) => list.filter((secret) => secret !== ''))
    .refine((list) => list.length <= 5, 'must be five at most')
    .refine(
      (list) => list.every((secret) => webhookSecret.safeParse(secret).success),
      'must be whsec_ and 24 to 64 bytes in base64, each',
    ),
});
export type AccountsConfig = z.infer<typeof accountsEnv>;

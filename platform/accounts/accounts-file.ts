import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Account, ACCOUNT_ID, DEFAULT_REQUESTS_PER_MINUTE } from './account.ts';

const count = z.int().min(0).nullable().default(null);

/** `whsec_` and 24 to 64 bytes in base64, as Standard Webhooks has it. */
export const webhookSecret = z.string().refine((secret) => {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1] ?? '';
  const { length } = Buffer.from(base64, 'base64');
  return length >= 24 && length <= 64;
}, 'must be whsec_ and 24 to 64 bytes in base64');

/** An address that can be posted to. */
export const webhookUrl = z
  .url({ protocol: /^https?$/, message: 'must be an http or https address' })
  .refine((url) => !new URL(url).username, 'must not hold a user name or password');

const account = z.strictObject({
  id: z.string().regex(ACCOUNT_ID, 'must be 1 to 64 letters, digits, "-", "_" or "."'),
  admin: z.boolean().default(false),
  keys: z.array(z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits, lower case') })),
  limits: z
    .strictObject({
      queued: count,
      running: count,
      requests_per_minute: z.int().min(1).nullable().default(DEFAULT_REQUESTS_PER_MINUTE),
    })
    .prefault({}),
  webhook: z
    .strictObject({ url: webhookUrl, secrets: z.array(webhookSecret).min(1).max(5) })
    .nullable()
    .default(null),
});

/** What the file of `API_KEYS_FILE` holds. */
const accountsFileSchema = z
  .strictObject({ accounts: z.array(account) })
  .refine(({ accounts }) => allDiffer(accounts.map(({ id }) => id)), 'two accounts have the same id')
  .refine(
    ({ accounts }) => allDiffer(accounts.flatMap(({ keys }) => keys.map(({ sha256 }) => sha256))),
    'the same key is there twice',
  );

export type AccountsFile = z.infer<typeof accountsFileSchema>;

/** An account and the hashes of its keys, 32 bytes each. */
export interface AccountWithKeys {
  account: Account;
  hashes: Buffer[];
}

/** Says where the file is wrong, but never what it holds. */
export class AccountsFileError extends Error {
  override readonly name = 'AccountsFileError';
}

/** @throws AccountsFileError */
export async function readAccounts(path: string): Promise<AccountWithKeys[]> {
  const { accounts } = parseAccounts(await readText(path));
  return accounts.map(({ id, admin, keys, limits, webhook }) => ({
    account: {
      id,
      admin,
      limits: { queued: limits.queued, running: limits.running, requestsPerMinute: limits.requests_per_minute },
      webhook,
    },
    hashes: keys.map(({ sha256 }) => Buffer.from(sha256, 'hex')),
  }));
}

/** @throws AccountsFileError */
export function parseAccounts(text: string): AccountsFile {
  const parsed = accountsFileSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(' '));
  throw new AccountsFileError(faults.join('; '));
}

/** @throws AccountsFileError */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AccountsFileError(`it cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may be a secret.
    throw new AccountsFileError('it is not valid JSON');
  }
}

const allDiffer = (values: string[]) => new Set(values).size === values.length;

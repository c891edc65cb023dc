import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf } from '../../../platform/accounts/account.ts';
import { accountsEnv } from '../../../platform/accounts/config.ts';
import { type AccountRegistry, openRegistry } from '../../../platform/accounts/registry.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import type { WebhookActivities } from '../../../contract/activities.ts';

/** An entry of the accounts file, its keys as they are sent. */
export interface TestAccount {
  id: string;
  keys: string[];
  admin?: boolean;
  limits?: { queued?: number; running?: number; requests_per_minute?: number | null };
  webhook?: { url: string; secrets: string[] };
}

/** What `API_KEYS_FILE` holds for such accounts. */
export const accountsText = (...accounts: TestAccount[]): string =>
  JSON.stringify({
    accounts: accounts.map(({ keys, ...rest }) => ({
      ...rest,
      keys: keys.map((key) => ({ sha256: hashOf(key).toString('hex') })),
    })),
  });

/** The one user of a service without keys. */
export const openAccounts = (): Promise<AccountRegistry> =>
  openRegistry(accountsEnv.parse({}), createLogger('test', 'silent'));

/** For workers whose videos end without a word. */
export const NO_WEBHOOKS: WebhookActivities = {
  wantsWebhook: () => Promise.resolve(false),
  postWebhook: () => Promise.resolve({ status: null }),
};

/** Accounts in a file of their own. */
export async function testRegistry(...accounts: TestAccount[]): Promise<AccountRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-accounts-'));
  const file = join(folder, 'accounts.json');
  await writeFile(file, accountsText(...accounts));
  try {
    const registry = await openRegistry(accountsEnv.parse({ API_KEYS_FILE: file }), createLogger('test', 'silent'));
    // It is read once; the tests of its changes have files of their own.
    registry.close();
    return registry;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

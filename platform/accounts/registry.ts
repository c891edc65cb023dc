import { timingSafeEqual } from 'node:crypto';
import { ConfigError } from '../config/config.ts';
import type { Logger } from '../log/logger.ts';
import { watchFile } from '../files/watched-file.ts';
import { type Account, NO_LIMITS, SINGLE_USER, hashOf, keyId } from './account.ts';
import { type AccountWithKeys, readAccounts } from './accounts-file.ts';
import type { AccountsConfig } from './config.ts';

/** A key that an account has now, or no longer has. */
export interface KeyChange {
  action: 'key.add' | 'key.remove';
  account: string;
  /** {@link keyId} */
  key: string;
}

/** Who may use the service, as it stands now. */
export interface AccountRegistry {
  /** There are no keys: all requests come from the one user. */
  readonly open: boolean;
  /** The account that a key belongs to; null for no key, and for one that is not known. */
  byKey(key: string | null): Account | null;
  byId(id: string): Account | null;
  /** Calls `listener` whenever the accounts have changed. @returns ends that */
  onChange(listener: () => void): () => void;
  close(): void;
}

/**
 * The accounts of `API_KEYS_FILE`, read again whenever it changes; a file that cannot be used leaves everything as it
 * was. Without the setting, the one user to whom everything belongs.
 *
 * @param onKeys is told of keys that come and go while the process runs
 * @throws ConfigError where the settings, or the file at the start, cannot be used
 */
export async function openRegistry(
  config: AccountsConfig,
  log: Logger,
  onKeys: (changes: KeyChange[]) => void = () => {},
): Promise<AccountRegistry> {
  const file = config.API_KEYS_FILE;
  if (file === undefined) return singleUser(config);
  let known: AccountWithKeys[] = [];
  const listeners = new Set<() => void>();
  const watched = await watchFile(file, readAccounts, (change) => {
    if ('value' in change) {
      log.info({ file, accounts: change.value.length }, 'Accounts read again');
      onKeys(keyChanges(known, change.value));
      known = change.value;
      for (const listener of listeners) listener();
    } else {
      const reason = change.error.message;
      log.error({ file, reason }, 'API_KEYS_FILE cannot be used; what it held before stays in force');
    }
  }).catch((error: Error) => {
    throw new ConfigError(
      `API_KEYS_FILE=${file} cannot be used: ${error.message}. \`npm run keys -- add NAME --file ${file}\` writes one.`,
    );
  });
  known = watched.value;
  log.info({ file, accounts: known.length }, 'Accounts read');
  return {
    open: false,
    byKey: (key) => (key === null ? null : ownerOf(watched.value, hashOf(key))),
    byId: (id) => watched.value.find(({ account }) => account.id === id)?.account ?? null,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => watched.close(),
  };
}

function singleUser({ WEBHOOK_URL, WEBHOOK_SECRETS }: AccountsConfig): AccountRegistry {
  if (WEBHOOK_URL !== undefined && WEBHOOK_SECRETS.length === 0) {
    throw new ConfigError(
      'WEBHOOK_URL needs WEBHOOK_SECRETS: what signs the messages. `npm run keys -- secret` makes one.',
    );
  }
  const webhook = WEBHOOK_URL === undefined ? null : { url: WEBHOOK_URL, secrets: WEBHOOK_SECRETS };
  const account: Account = { id: SINGLE_USER, admin: true, limits: NO_LIMITS, webhook };
  return {
    open: true,
    byKey: () => account,
    byId: (id) => (id === SINGLE_USER ? account : null),
    onChange: () => () => {},
    close: () => {},
  };
}

function keyChanges(before: readonly AccountWithKeys[], after: readonly AccountWithKeys[]): KeyChange[] {
  const keysOf = (known: readonly AccountWithKeys[]) =>
    new Map(
      known.flatMap(({ account, hashes }) =>
        hashes.map((hash) => [`${account.id} ${hash.toString('hex')}`, { account: account.id, key: keyId(hash) }]),
      ),
    );
  const [old, now] = [keysOf(before), keysOf(after)];
  return [
    ...[...old].filter(([id]) => !now.has(id)).map(([, key]) => ({ action: 'key.remove' as const, ...key })),
    ...[...now].filter(([id]) => !old.has(id)).map(([, key]) => ({ action: 'key.add' as const, ...key })),
  ];
}

/** Compares with every key, whatever it has found: the time taken tells nothing about which one fits. */
function ownerOf(known: readonly AccountWithKeys[], hash: Buffer): Account | null {
  let owner: Account | null = null;
  for (const { account, hashes } of known) {
    for (const candidate of hashes) if (timingSafeEqual(candidate, hash)) owner = account;
  }
  return owner;
}

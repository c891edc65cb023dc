import { timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { ConfigError } from '../temporal/config.ts';
import type { Logger } from '../temporal/logger.ts';
import { type Account, NO_LIMITS, SINGLE_USER } from './account.ts';
import { type AccountWithKeys, readAccounts } from './accounts-file.ts';
import { hashOf } from './api-key.ts';
import type { AccountsConfig } from './config.ts';

/** Who may use the service, as it stands now. */
export interface AccountDirectory {
  /** Without keys: whoever reaches the service is its one user. */
  readonly open: boolean;
  /** The account that a key belongs to; null for no key, and for one that is not known. */
  byKey(key: string | null): Account | null;
  byId(id: string): Account | null;
  close(): void;
}

/**
 * How often the file is looked at. Looking beats watching: it sees through the symbolic links that Kubernetes swaps, and
 * works on every file system.
 */
const LOOK_MS = 1_000;

/**
 * The accounts of `API_KEYS_FILE`, read again whenever it changes; a file that cannot be used leaves everything as it
 * was. Without the setting, the one user to whom everything belongs.
 *
 * @throws ConfigError where the file cannot be used at the start
 */
export async function openDirectory(config: AccountsConfig, log: Logger): Promise<AccountDirectory> {
  const path = config.API_KEYS_FILE;
  if (path === undefined) return singleUser(config);
  let stamp = await stampOf(path);
  let known = await readAccounts(path).catch((error: Error) => {
    throw new ConfigError(
      `API_KEYS_FILE=${path} cannot be used: ${error.message}. \`npm run keys -- add NAME --file ${path}\` writes one.`,
    );
  });
  log.info({ file: path, accounts: known.length }, 'Accounts read');

  const look = async () => {
    const latest = await stampOf(path);
    if (latest === stamp) return;
    stamp = latest;
    try {
      known = await readAccounts(path);
      log.info({ file: path, accounts: known.length }, 'Accounts read again');
    } catch (error) {
      log.error(
        { file: path, reason: (error as Error).message },
        'API_KEYS_FILE cannot be used; what it held before stays in force',
      );
    }
  };
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => (looking = false));
  }, LOOK_MS).unref();

  return {
    open: false,
    byKey: (key) => (key === null ? null : ownerOf(known, hashOf(key))),
    byId: (id) => known.find(({ account }) => account.id === id)?.account ?? null,
    close: () => clearInterval(timer),
  };
}

function singleUser({ WEBHOOK_URL, WEBHOOK_SECRETS }: AccountsConfig): AccountDirectory {
  if (WEBHOOK_URL !== undefined && WEBHOOK_SECRETS.length === 0) {
    throw new ConfigError(
      'WEBHOOK_URL needs WEBHOOK_SECRETS: what signs the messages, e.g. whsec_ and 32 random bytes in base64.',
    );
  }
  const webhook = WEBHOOK_URL === undefined ? null : { url: WEBHOOK_URL, secrets: WEBHOOK_SECRETS };
  const account: Account = { id: SINGLE_USER, admin: true, limits: NO_LIMITS, webhook };
  return {
    open: true,
    byKey: () => account,
    byId: (id) => (id === SINGLE_USER ? account : null),
    close: () => {},
  };
}

/** Looks at every key, whatever it has found: the time taken tells nothing about which one fits. */
function ownerOf(known: readonly AccountWithKeys[], hash: Buffer): Account | null {
  let owner: Account | null = null;
  for (const { account, hashes } of known) {
    for (const candidate of hashes) if (timingSafeEqual(candidate, hash)) owner = account;
  }
  return owner;
}

/** Differs whenever the file, or what its name leads to, has changed. */
async function stampOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/** `npm run keys -- add NAME`: makes an API key, shows it once, and keeps its hash. `-- secret`: makes a webhook's secret. */
import { randomBytes } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { createLogger } from '../../platform/log/logger.ts';
import { typedPath } from '../../platform/config/typed-path.ts';
import { runProcess } from '../../platform/process/run-process.ts';
import { UserError, withUsage } from '../../platform/config/user-error.ts';
import { openAuditLog } from '../../platform/audit/audit-log.ts';
import {
  type AccountsFile,
  AccountsFileError,
  parseAccounts,
  readText,
} from '../../platform/accounts/accounts-file.ts';
import { hashOf, keyId, newApiKey, newWebhookSecret } from '../../platform/accounts/account.ts';

const USAGE = `Usage: npm run keys -- add NAME [--admin] [--file PATH]
       npm run keys -- secret

Makes an API key for the account NAME and prints it, this one time. Its hash is added to the file of accounts: PATH, or
API_KEYS_FILE, or, without either, it is printed only. An account may have several keys, so that one can take over from
another; delete a hash from the file to take its key away. --admin makes the account an operator.

The second form prints a new secret for an account's webhook.`;

async function main(): Promise<number> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const args = process.argv.slice(2);
  if (args.join(' ') === 'secret') {
    say(newWebhookSecret());
    return 0;
  }
  const { name, admin, file } = argumentsOf(args);
  const key = newApiKey();
  const sha256 = hashOf(key).toString('hex');
  if (file === undefined) {
    checked({ accounts: [{ id: name, admin, keys: [{ sha256 }] }] });
  } else {
    await write(file, withKey(await readOrNew(file), name, admin, sha256));
    await record(name, admin, sha256);
  }
  say(`Key of ${name}, shown only now:\n\n  ${key}\n`);
  say(file === undefined ? 'For the file of API_KEYS_FILE:\n' : `Kept in ${file}:\n`);
  say(`  ${JSON.stringify({ id: name, ...(admin && { admin }), keys: [{ sha256 }] })}`);
  return 0;
}

/** In the audit trail, where there is a file of it: a service that runs tells of the same key when it has read it. */
async function record(account: string, admin: boolean, sha256: string): Promise<void> {
  const file = process.env['AUDIT_LOG_FILE'];
  if (!file) return;
  const audit = await openAuditLog(typedPath(file), createLogger('keys', 'info'));
  audit.write({ action: 'key.make', account, key: keyId(Buffer.from(sha256, 'hex')), admin, by: operator() });
  await audit.close();
}

/** The user who runs this; null for a number without a name. */
function operator(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

function argumentsOf(args: string[]): { name: string; admin: boolean; file: string | undefined } {
  return withUsage(USAGE, () => {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { admin: { type: 'boolean', default: false }, file: { type: 'string' } },
    });
    const [command, name] = positionals;
    if (command !== 'add' || name === undefined || positionals.length > 2) throw new Error('Nothing to do.');
    const file = values.file ?? (process.env['API_KEYS_FILE'] || undefined);
    return { name, admin: values.admin, file: file === undefined ? undefined : typedPath(file) };
  });
}

/** The file with one key more; its other accounts, and what it leaves out, stay as they are written. */
function withKey(text: string, name: string, admin: boolean, sha256: string): string {
  const file = JSON.parse(text) as { accounts: Partial<AccountsFile['accounts'][number]>[] };
  const known = file.accounts.find(({ id }) => id === name);
  if (known) known.keys!.push({ sha256 });
  else file.accounts.push({ id: name, ...(admin && { admin }), keys: [{ sha256 }] });
  checked(file);
  return `${JSON.stringify(file, null, 2)}\n`;
}

function checked(file: unknown): void {
  parseAccounts(JSON.stringify(file));
}

async function readOrNew(path: string): Promise<string> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  const text = exists ? await readText(path) : '{ "accounts": [] }';
  parseAccounts(text);
  return text;
}

/** Whole or not at all, and for its owner only, as it may hold webhook secrets. */
async function write(path: string, text: string): Promise<void> {
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { mode, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new UserError(`${path} cannot be written: ${(error as Error).message}`);
  }
}

await runProcess(async () => {
  try {
    return await main();
  } catch (error) {
    throw error instanceof AccountsFileError ? new UserError(`The accounts cannot be used: ${error.message}.`) : error;
  }
});

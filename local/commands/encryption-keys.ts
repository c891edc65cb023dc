/** `npm run encryption-keys -- add FILE`: makes a key for `ENCRYPTION_KEYS_FILE`, `SCRATCH_KEYS_FILE` or `SHARE_KEYS_FILE`. */
import { readFile, stat } from 'node:fs/promises';
import { typedPath } from '../../platform/config/typed-path.ts';
import { runProcess } from '../../platform/process/run-process.ts';
import { UserError } from '../../platform/config/user-error.ts';
import { KeysFileError, readEncryptionKeys } from '../../temporal/encryption/keys-file.ts';
import { newKey, writeKeys } from '../../temporal/encryption/new-key.ts';

const USAGE = `Usage: npm run encryption-keys -- add FILE

Adds a new key to FILE, which ENCRYPTION_KEYS_FILE, SCRATCH_KEYS_FILE or SHARE_KEYS_FILE names; makes the file where there is none. The first
key of the file encrypts or signs, all decrypt or verify. So a new key is added as the last one; when every process has read the file, move it to the top.
Keep an old key for as long as Temporal keeps what it has encrypted, or links are to work that it has signed.`;

await runProcess(async () => {
  const [command, file, ...rest] = process.argv.slice(2);
  if (command !== 'add' || file === undefined || rest.length > 0) throw new UserError(USAGE);
  const path = typedPath(file);
  const known = await existing(path);
  const added = newKey();
  const keys = [...known.keys, added];
  await writeKeys(path, keys, known.mode);
  process.stdout.write(`${path} holds the new key ${added.id}${keys.length > 1 ? ' as its last one' : ''}.\n`);
  return 0;
});

/** The keys as they are written, and the file's mode; one that is made is for its owner only. */
async function existing(path: string): Promise<{ keys: object[]; mode: number }> {
  const found = await stat(path).catch(() => null);
  if (found === null) return { keys: [], mode: 0o600 };
  try {
    await readEncryptionKeys(path);
  } catch (error) {
    throw error instanceof KeysFileError ? new UserError(`${path} cannot be used: ${error.message}.`) : error;
  }
  const { keys } = JSON.parse(await readFile(path, 'utf8')) as { keys: object[] };
  return { keys, mode: found.mode & 0o777 };
}

import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { makeFile } from '../../platform/fetch/cache.ts';

/** A new key as the file of `ENCRYPTION_KEYS_FILE` holds it. */
export const newKey = (): { id: string; key: string } => ({
  id: `key-${randomBytes(6).toString('hex')}`,
  key: randomBytes(32).toString('base64'),
});

/** Writes such a file, whole or not at all. @param mode @default for its owner only */
export async function writeKeys(path: string, keys: readonly object[], mode = 0o600): Promise<void> {
  const text = `${JSON.stringify({ keys }, null, 2)}\n`;
  await makeFile(path, (temporary) => writeFile(temporary, text, { mode, flag: 'wx' }));
}

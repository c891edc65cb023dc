import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { newKey, writeKeys } from '../temporal/encryption/new-key.ts';

/**
 * The file of keys with which the GPU worker of a data folder signs what it leaves in the scratch store; made where there
 * is none.
 *
 * @returns its path, for `SCRATCH_KEYS_FILE`
 */
export async function scratchKeysFile(dataDir: string): Promise<string> {
  const path = join(dataDir, 'scratch-keys.json');
  await access(path).catch(() => writeKeys(path, [newKey()]));
  return path;
}

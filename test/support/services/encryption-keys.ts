import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

/** A key as `ENCRYPTION_KEYS_FILE` holds it. */
export const encryptionKey = (id: string) => ({ id, key: randomBytes(32).toString('base64') });

/** Writes the file of `ENCRYPTION_KEYS_FILE`; the first key encrypts. */
export async function writeEncryptionKeys(path: string, ...keys: ReturnType<typeof encryptionKey>[]): Promise<void> {
  await writeFile(path, JSON.stringify({ keys }));
}

import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** AES-256. */
const KEY_BYTES = 32;

/** What the file of `ENCRYPTION_KEYS_FILE` holds: the first key encrypts, each decrypts what it has encrypted. */
const keysFileSchema = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be 1 to 64 letters, digits, "-", "_" or "."'),
        key: z.base64('must be base64').transform((text) => Buffer.from(text, 'base64')),
      }),
    )
    .min(1, 'must hold a key')
    .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'two keys have the same id')
    .refine((keys) => keys.every(({ key }) => key.length === KEY_BYTES), `must be ${KEY_BYTES} bytes in base64, each`),
});

/** A key, and the name under which what it has encrypted refers to it. */
export interface EncryptionKey {
  id: string;
  /** 32 bytes. */
  key: Buffer;
}

/** Says where the file is wrong, but never what it holds. */
export class KeysFileError extends Error {
  override readonly name = 'KeysFileError';
}

/** @throws KeysFileError */
export async function readEncryptionKeys(path: string): Promise<EncryptionKey[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new KeysFileError(`it cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which is secret.
    throw new KeysFileError('it is not valid JSON');
  }
  const parsed = keysFileSchema.safeParse(content);
  if (parsed.success) return parsed.data.keys;
  throw new KeysFileError(parsed.error.issues.map(({ path: at, message }) => `${at.join('.')} ${message}`).join('; '));
}

import { ConfigError } from '../../platform/config/config.ts';
import type { Logger } from '../../platform/log/logger.ts';
import { watchFile, type Watched } from '../../platform/files/watched-file.ts';
import { type EncryptionKey, readEncryptionKeys } from './keys-file.ts';

/**
 * The keys of a file, read again whenever it changes; one that cannot be used leaves everything as it was.
 *
 * @param variable that names it, for messages
 * @throws ConfigError where it cannot be used at the start
 */
export async function watchKeys(variable: string, file: string, log: Logger): Promise<Watched<EncryptionKey[]>> {
  const ids = (keys: EncryptionKey[]) => keys.map(({ id }) => id);
  const watched = await watchFile(file, readEncryptionKeys, (change) => {
    if ('value' in change) log.info({ file, keys: ids(change.value) }, 'Encryption keys read again');
    else {
      const reason = change.error.message;
      log.error({ file, reason }, `${variable} cannot be used; the keys that it held before stay in force`);
    }
  }).catch((error: Error) => {
    throw new ConfigError(
      `${variable}=${file} cannot be used: ${error.message}. \`npm run encryption-keys -- add ${file}\` writes one.`,
    );
  });
  log.info({ file, keys: ids(watched.value) }, `${variable} read; the first of these keys is used for what is new`);
  return watched;
}

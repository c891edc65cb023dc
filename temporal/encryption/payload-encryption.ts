import { fileURLToPath } from 'node:url';
import type { DataConverter, Payload } from '@temporalio/common';
import { LRUCache } from 'lru-cache';
import type { EncryptionConfig } from './config.ts';
import type { Logger } from '../../platform/log/logger.ts';
import { EncryptionCodec } from './encryption-codec.ts';
import type { EncryptionKey } from './keys-file.ts';
import { watchKeys } from './watched-keys.ts';

/** The module that {@link PayloadEncryption} has failures made by. */
export const FAILURE_CONVERTER = fileURLToPath(new URL('failure-converter.cjs', import.meta.url));

/** What Temporal is given to keep, encrypted or not. */
export interface PayloadEncryption {
  /** Whether anything is encrypted. What once was is decrypted in any case, as far as there are keys. */
  readonly on: boolean;
  /** Of workers: an activity or workflow whose key is missing fails with `encryption_key_missing`, and is tried again. */
  readonly forWorkers: DataConverter;
  /**
   * Of clients: what cannot be decrypted reads as null, so that one such video does not hide the others of a list. The log
   * says which key is missing.
   */
  readonly forClients: DataConverter;
  /** As the file holds them now; none where nothing is encrypted. */
  readonly keys: () => readonly EncryptionKey[];
  /** Encrypts and decrypts for people who use Temporal's own tools; what it has no key for it leaves as it is. */
  readonly forReaders: EncryptionCodec;
  close(): void;
}

/**
 * The encryption that `ENCRYPTION_KEYS_FILE` asks for; the file is read again whenever it changes, and one that cannot be
 * used leaves everything as it was.
 *
 * @throws ConfigError where the file cannot be used at the start
 */
export async function openEncryption(
  { ENCRYPTION_KEYS_FILE: file }: EncryptionConfig,
  log: Logger,
): Promise<PayloadEncryption> {
  const watched = file === undefined ? null : await watchKeys('ENCRYPTION_KEYS_FILE', file, log);
  const keys = () => watched?.value ?? [];
  const missing = new LRUCache<string, true>({ max: KEYS });
  const complain = (keyId: string): Payload => {
    if (!missing.has(keyId)) {
      log.error({ keyId }, 'What was encrypted with this key cannot be read: ENCRYPTION_KEYS_FILE does not hold it');
    }
    missing.set(keyId, true);
    return NULL;
  };
  const converter = (codec: EncryptionCodec): DataConverter => ({
    payloadCodecs: [codec],
    ...(watched && { failureConverterPath: FAILURE_CONVERTER }),
  });
  return {
    on: watched !== null,
    keys,
    forWorkers: converter(new EncryptionCodec(keys)),
    forClients: converter(new EncryptionCodec(keys, complain)),
    forReaders: new EncryptionCodec(keys, (_keyId, payload) => payload),
    close: () => watched?.close(),
  };
}

/** Missing keys that are named once each: any client of Temporal can choose their names. */
const KEYS = 1_000;

/** A payload that every converter reads as null. */
const NULL: Payload = { metadata: { encoding: new TextEncoder().encode('json/plain') }, data: Buffer.from('null') };

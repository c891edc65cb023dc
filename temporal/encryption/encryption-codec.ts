import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { ERRORS } from '../../contract/errors.ts';
import { failure } from '../../contract/failure.ts';
import type { EncryptionKey } from './keys-file.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/** Value of the metadata `encoding` of what is encrypted. */
const ENCRYPTED = 'binary/encrypted';
/** Metadata: where it belongs, which is authenticated with it. What was encrypted before there were places has none. */
const PLACE = 'encryption-place';
const ALGORITHM = 'aes-256-gcm';
/** Of the nonce, which is drawn anew for each payload, and of the authentication tag. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | null | undefined): string => Buffer.from(value ?? []).toString();

/**
 * Encrypts every payload on its way to Temporal with AES-256-GCM, and decrypts it on its way back. A payload becomes one
 * of the encoding `binary/encrypted` with the key's id in `encryption-key-id`, its data nonce, ciphertext and tag one after
 * the other, as in Temporal's own samples. What is not encrypted passes.
 *
 * A payload belongs to a workflow: who can write to Temporal's database must not put one in the place of another, e.g. the
 * prompt of one account where another's is read. So it is bound to namespace and workflow id, as far as the SDK says them.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keys: () => readonly EncryptionKey[];
  readonly #onMissingKey: (id: string, payload: Payload) => Payload;

  /**
   * @param keys as they stand now; without any, nothing is encrypted
   * @param onMissingKey gives what stands for a payload whose key is not among them, or throws
   */
  constructor(keys: () => readonly EncryptionKey[], onMissingKey: (id: string, payload: Payload) => Payload = refuse) {
    this.#keys = keys;
    this.#onMissingKey = onMissingKey;
  }

  /** As they stand now: the first encrypts. */
  get keys(): readonly EncryptionKey[] {
    return this.#keys();
  }

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    const [key] = this.#keys();
    return key === undefined ? payloads : payloads.map((payload) => encrypt(payload, key, placeOf(context)));
  }

  /**
   * @throws ApplicationFailure `encryption_key_missing` unless `onMissingKey` says otherwise; `internal_error` where the
   *   data was changed, or belongs elsewhere
   */
  async decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (text(payload.metadata?.['encoding']) !== ENCRYPTED) return payload;
      const id = text(payload.metadata?.['encryption-key-id']);
      const key = this.#keys().find((known) => known.id === id);
      return key === undefined ? this.#onMissingKey(id, payload) : decrypt(payload, key, placeOf(context));
    });
  }
}

/** Of the runs of a schedule, each of which has its time in its id: they hand their results on. */
const SCHEDULED_AT = /-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Where a payload belongs; null where the SDK does not say. */
function placeOf(context: SerializationContext | undefined): string | null {
  if (context?.workflowId === undefined) return null;
  return JSON.stringify([context.namespace, context.workflowId.replace(SCHEDULED_AT, '')]);
}

function encrypt(payload: Payload, { id, key }: EncryptionKey, place: string | null): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  if (place !== null) cipher.setAAD(bytes(place));
  return {
    metadata: {
      encoding: bytes(ENCRYPTED),
      'encryption-key-id': bytes(id),
      ...(place !== null && { [PLACE]: bytes(place) }),
    },
    data: Buffer.concat([
      nonce,
      cipher.update(PayloadMessage.encode(payload).finish()),
      cipher.final(),
      cipher.getAuthTag(),
    ]),
  };
}

/** @param place where it is read; null where that is not known, as in a codec server */
function decrypt({ data, metadata }: Payload, { id, key }: EncryptionKey, place: string | null): Payload {
  const sealed = Buffer.from(data ?? []);
  const bound = metadata?.[PLACE];
  if (bound && place !== null && text(bound) !== place) {
    throw failure('internal_error', `A payload of ${text(bound)} was found in the place of one of ${place}.`);
  }
  try {
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    if (bound) decipher.setAAD(bound);
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return PayloadMessage.decode(plain);
  } catch {
    throw failure('internal_error', `A payload could not be decrypted with the key ${id}: it was changed on its way.`);
  }
}

function refuse(id: string): never {
  throw failure('encryption_key_missing', `${ERRORS.encryption_key_missing.message} Its id is ${id}.`);
}

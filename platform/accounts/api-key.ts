import { createHash, randomBytes } from 'node:crypto';

/** A new API key: `kin_` and 256 random bits. */
export const newApiKey = (): string => `kin_${randomBytes(32).toString('base64url')}`;

/**
 * SHA-256 of a key, 32 bytes: all that the service keeps of it. A slow password hash would add nothing, as the keys are
 * random and not chosen by people.
 */
export const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** A short name of a key, the beginning of its hash: says in records which one it was. */
export const keyId = (hash: Buffer): string => hash.toString('hex').slice(0, 12);

/** A new secret for signing webhooks, as Standard Webhooks writes them: `whsec_` and 32 random bytes in base64. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

import { createHash, randomBytes } from 'node:crypto';

/** Whose videos they are, and what they may have of the service. */
export interface Account {
  /** E.g. `default`; part of every video's record. */
  id: string;
  /** An operator: sees every account's videos, and the workers. */
  admin: boolean;
  limits: AccountLimits;
  /** Told when a video has ended; null for none. */
  webhook: Webhook | null;
}

/** Null means no limit. Where there is one, `queued` + `running` videos may be unfinished at a time. */
export interface AccountLimits {
  /** Videos that may wait for a GPU, beside those that are made. */
  queued: number | null;
  /** Videos that may be in the making. */
  running: number | null;
  /** Requests that change something (`POST`, `DELETE`), within a minute. */
  requestsPerMinute: number | null;
}

/** Where an account is told how its videos ended, in the format of Standard Webhooks. */
export interface Webhook {
  url: string;
  /** `whsec_` and 24 to 64 bytes in base64; each signs, so that receivers can change over from one to the next. */
  secrets: readonly string[];
}

/** Of an account whose entry does not say: ten a second are more than a client that waits for its answers sends. */
export const DEFAULT_REQUESTS_PER_MINUTE = 600;

export const NO_LIMITS: AccountLimits = { queued: null, running: null, requestsPerMinute: null };

/** What an account's id looks like: it is part of keys in the object store. */
export const ACCOUNT_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** Id of the one account of a service without keys. */
export const SINGLE_USER = 'default';

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

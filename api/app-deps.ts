import type { Registry } from 'prom-client';
import type { AuditLog } from '../platform/audit/audit-log.ts';
import type { AuditConfig } from '../platform/audit/config.ts';
import type { EncryptionKey } from '../temporal/encryption/keys-file.ts';
import type { EncryptionCodec } from '../temporal/encryption/encryption-codec.ts';
import type { AccountUsage } from './admission/usage.ts';
import type { Overview } from './health/overview.ts';
import type { PromptDeps } from './prompts/deps.ts';
import type { VideosDeps } from './videos/deps.ts';
import type { WorkerRegistry } from './workers/registry.ts';

/** What the routes work with. */
export interface AppDeps extends VideosDeps, Pick<PromptDeps, 'countTokens' | 'enhancer'> {
  /** Names of the service, where it asks for no keys: by others it is not to be called. @default any */
  ownHosts?: readonly string[] | undefined;
  /** Proxies whose word on the client's address counts. @default none */
  trustedProxies?: readonly string[];
  /** Unix seconds; shown by `/v1/models`. */
  modelCreatedAt: number;
  /** What each account has of its limits. */
  usage: AccountUsage;
  workers: WorkerRegistry;
  /** What `/healthz` tells. */
  overview: Overview;
  limits: VideosDeps['limits'] & {
    /** Wrong keys that an address may send a minute. @default 60 */
    failedKeys?: number;
    /** Requests for shared videos that an address may send a minute. @default 600 */
    shareVisits?: number;
  };
  /** Keys of share links as they stand now: the first signs, each verifies. Left out where no video can be shared. */
  shareKeys?: (() => readonly EncryptionKey[]) | undefined;
  /** Address of Temporal's Web UI, for operators. */
  temporalUiUrl?: string | undefined;
  /** Decrypts for it what Temporal keeps; left out where nothing is encrypted. */
  codec?: EncryptionCodec | undefined;
  /** Who has done what; left out for no such record. */
  audit?: { log: AuditLog; address: AuditConfig['AUDIT_ADDRESS'] };
  /** What `/metrics` tells. */
  metrics: Registry;
}

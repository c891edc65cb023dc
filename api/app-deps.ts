import type { Registry } from 'prom-client';
import type { AuditLog } from '../platform/audit/audit-log.ts';
import type { AuditConfig } from '../platform/audit/config.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { EncryptionCodec } from '../temporal/encryption/encryption-codec.ts';
import type { Logger } from '../platform/log/logger.ts';
import type { ModelProfile } from '../contract/model-profile.ts';
import type { AccountDirectory } from '../platform/accounts/registry.ts';
import type { AccountUsage } from './admission/usage.ts';
import type { ContentDelivery } from './videos/files/content-delivery.ts';
import type { BodyTimes } from './http/body/read-bytes.ts';
import type { PromptPolicy } from './policy/prompt-policy.ts';
import type { JobQueue } from './queue/job-queue.ts';
import type { Temporal } from './jobs/temporal.ts';
import type { VideoService } from './videos/video-service.ts';
import type { WorkerDirectory } from './workers/registry.ts';
import type { Overview } from './health/overview.ts';

/** What the routes work with. */
export interface AppDeps {
  temporal: Temporal;
  /** Who may use the service. */
  accounts: AccountDirectory;
  /** Names of the service, where it asks for no keys: by others it is not to be called. @default any */
  ownHosts?: readonly string[] | undefined;
  /** Proxies whose word on the client's address counts. @default none */
  trustedProxies?: readonly string[];
  /** What each of them has of it. */
  usage: AccountUsage;
  /** Which prompts are refused. */
  policy: PromptPolicy;
  videos: VideoService;
  /** The line before the GPUs. */
  queue: JobQueue;
  workers: WorkerDirectory;
  /** What `/healthz` tells. */
  overview: Overview;
  /** Store of what only running jobs need, previews among it. */
  scratch: ObjectStore;
  /** Store of the finished files. */
  artefacts: ObjectStore;
  /** Hours after its end for which a video's files are kept. */
  keepHours: number;
  /** Set where clients are sent to that store instead of being served from here. */
  delivery?: ContentDelivery | undefined;
  profile: ModelProfile;
  /** Unix seconds; shown by `/v1/models`. */
  modelCreatedAt: number;
  /** Other names under which the model may be asked for. */
  aliases: readonly string[];
  limits: {
    /** Of a JSON body, or of a form's text. */
    bodyBytes: number;
    /** How long a body may take to come. @default 10 s between two pieces of it, a minute for all of it */
    bodyTimes?: BodyTimes;
    /** Of the prompt, and of the negative prompt. */
    promptChars: number;
    /** Seconds that a new video may have to wait for a GPU; null for any. */
    queueWaitS: number | null;
    /** Event streams that an account may have open at a time. */
    eventStreams: number;
    /** Wrong keys that an address may send a minute. @default 60 */
    failedKeys?: number;
  };
  /** Address of Temporal's Web UI, for operators. */
  temporalUiUrl?: string | undefined;
  /** Decrypts for it what Temporal keeps; left out where nothing is encrypted. */
  codec?: EncryptionCodec | undefined;
  /** Aborted when the process is asked to stop: it is no longer ready, and streams end. */
  stopping: AbortSignal;
  /** Who has done what; left out for no such record. */
  audit?: { log: AuditLog; address: AuditConfig['AUDIT_ADDRESS'] };
  /** What `/metrics` tells. */
  metrics: Registry;
  log: Logger;
}

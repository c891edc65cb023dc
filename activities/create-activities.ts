import type { Client } from '@temporalio/client';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Logger } from '../platform/log/logger.ts';
import type {
  CpuActivities,
  ExpiryActivities,
  ExportActivities,
  GroupActivities,
  RemovalActivities,
  ReservationActivities,
  WebhookActivities,
} from '../contract/activities.ts';
import type { AccountRegistry } from '../platform/accounts/registry.ts';
import type { ModelProfile } from '../contract/model-profile.ts';
import { cleanUpVideo } from './clean-up.ts';
import { encodeVideo } from './encode.ts';
import { Limit } from '../platform/flow/limit.ts';
import { removalActivities } from './removal.ts';
import { exportVideo } from './exports.ts';
import { expiryActivities } from './expiry.ts';
import { groupActivities } from './groups.ts';
import { reservationActivities } from './reservations.ts';
import { runActivity } from './run-activity.ts';
import { uploadVideo } from './upload.ts';
import { validateJob } from './validate.ts';
import { webhookActivities } from './webhook-activities.ts';
import { WorkFolders } from './work-folder.ts';

export interface ActivityDeps {
  scratch: ObjectStore;
  artefacts: ObjectStore;
  profile: ModelProfile;
  /** Valid tokens of a text, `</s>` included. */
  countTokens: (text: string) => Promise<number>;
  /** Local folder for files of running activities; made when first needed. */
  tempDir: string;
  logger: Logger;
  /** Client of the connection that the worker has, which is there before the first activity. */
  temporal: () => Client;
  /** Their webhooks are told how videos ended. */
  accounts: AccountRegistry;
  /** Whether they may be told on this machine and in private networks. @default false */
  webhooksMayBePrivate?: boolean;
  /** Whether readers of a finished MP4 may see its prompt. @default true */
  promptInFiles?: boolean;
  /** Encoders that may run at once; each uses two to four cores. @default 1 */
  encodersAtOnce?: number;
}

/**
 * The activities of the CPU queue. Each may run twice, or in two workers at once: the result is the same.
 *
 * Deletes what killed processes left in `tempDir`, so it is to be called once in a process, at its start.
 */
export async function createActivities(
  deps: ActivityDeps,
): Promise<
  CpuActivities &
    RemovalActivities &
    ReservationActivities &
    GroupActivities &
    ExpiryActivities &
    ExportActivities &
    WebhookActivities
> {
  const { scratch, artefacts, logger } = deps;
  const folders = new WorkFolders(deps.tempDir);
  const encoding = {
    scratch,
    folders,
    encoders: new Limit(deps.encodersAtOnce ?? 1),
    promptInFiles: deps.promptInFiles ?? true,
  };
  await folders.sweep();
  return {
    validate: (input) => runActivity('internal_error', () => validateJob(deps, input)),

    encode: (input, generated) => runActivity('encoding_failed', (run) => encodeVideo(encoding, input, generated, run)),

    upload: (input, encoded) =>
      runActivity('upload_failed', (run) => uploadVideo({ scratch, artefacts, folders }, input, encoded, run)),

    makeExport: (input) => runActivity('export_failed', (run) => exportVideo({ artefacts, folders }, input, run)),

    cleanUp: (videoId, options) =>
      runActivity('internal_error', async () => {
        await cleanUpVideo({ scratch, artefacts }, videoId, options);
        logger.debug({ videoId, ...options }, 'Files deleted');
      }),

    ...removalActivities(deps.temporal),
    ...reservationActivities(deps.temporal),
    ...groupActivities(deps.temporal),
    ...expiryActivities(deps),
    ...webhookActivities({ accounts: deps.accounts, logger, allowPrivate: deps.webhooksMayBePrivate ?? false }),
  };
}

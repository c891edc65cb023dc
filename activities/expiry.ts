import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Logger } from '../platform/log/logger.ts';
import type { VideoMemo } from '../contract/video-job.ts';
import type { ExpiryActivities } from '../contract/activities.ts';
import { attributeKey, GENERATE_VIDEO } from '../contract/names.ts';
import { cleanUpVideo } from './clean-up.ts';
import { runActivity } from './run-activity.ts';

/** What was to be found only after the last search, because visibility is behind by some time, in seconds. */
const OVERLAP_S = 3600;

const ACCOUNT = attributeKey('AccountId');

/** Removes the files, stars and tags of videos whose time is over. Of a failed video, that is what it could have been resumed from. */
export function expiryActivities(deps: {
  temporal: () => Client;
  scratch: ObjectStore;
  artefacts: ObjectStore;
  logger: Logger;
}): ExpiryActivities {
  return {
    removeExpired: (since) =>
      runActivity('internal_error', async ({ signal }) => {
        const until = Math.floor(Date.now() / 1000);
        let videos = 0;
        for await (const { workflowId, typedSearchAttributes } of expired(deps.temporal(), since, until)) {
          signal.throwIfAborted();
          const marksOf = typedSearchAttributes.get(ACCOUNT);
          await cleanUpVideo(deps, workflowId, { artefacts: true, ...(marksOf !== undefined && { marksOf }) });
          videos++;
        }
        deps.logger.info({ videos }, 'Files of expired videos removed');
        return until;
      }),
  };
}

async function* expired(
  { workflow }: Client,
  since: number | null,
  until: number,
): AsyncGenerator<WorkflowExecutionInfo> {
  const ended = `WorkflowType = "${GENERATE_VIDEO}" AND ExecutionStatus != "Running"`;
  const from = since === null ? '' : ` AND ExpiresAt > "${iso(since - OVERLAP_S)}"`;
  const query = `${ended} AND ExpiresAt <= "${iso(until)}"${from}`;
  yield* workflow.list({ query });
  // A workflow that was ended from outside could not set the time; there are few.
  for await (const info of workflow.list({ query: `${ended} AND ExpiresAt IS NULL` })) {
    const { keepS } = (info.memo as VideoMemo | undefined)?.input ?? {};
    if (keepS !== undefined && (info.closeTime?.getTime() ?? Infinity) / 1000 + keepS <= until) yield info;
  }
}

const iso = (unixSeconds: number) => new Date(unixSeconds * 1000).toISOString();

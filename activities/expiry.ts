import type { Client } from '@temporalio/client';
import { keys } from '../storage/keys.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Logger } from '../platform/log/logger.ts';
import type { VideoMemo } from '../contract/video-job.ts';
import type { ExpiryActivities } from '../contract/activities.ts';
import { GENERATE_VIDEO } from '../contract/names.ts';
import { runActivity } from './run-activity.ts';

/** What was to be found only after the last search, because visibility is behind by some time, in seconds. */
const OVERLAP_S = 3600;

/** Removes the files of videos whose time is over. Of a failed video, that is what it could have been resumed from. */
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
        for await (const videoId of expired(deps.temporal(), since, until)) {
          signal.throwIfAborted();
          const prefix = keys.prefix(videoId);
          await deps.scratch.deletePrefix(prefix);
          await deps.artefacts.deletePrefix(prefix);
          videos++;
        }
        deps.logger.info({ videos }, 'Files of expired videos removed');
        return until;
      }),
  };
}

async function* expired({ workflow }: Client, since: number | null, until: number): AsyncGenerator<string> {
  const ended = `WorkflowType = "${GENERATE_VIDEO}" AND ExecutionStatus != "Running"`;
  const from = since === null ? '' : ` AND ExpiresAt > "${iso(since - OVERLAP_S)}"`;
  const query = `${ended} AND ExpiresAt <= "${iso(until)}"${from}`;
  for await (const { workflowId } of workflow.list({ query })) yield workflowId;
  // A workflow that was ended from outside could not set the time; there are few.
  for await (const { workflowId, closeTime, memo } of workflow.list({ query: `${ended} AND ExpiresAt IS NULL` })) {
    const { keepS } = (memo as VideoMemo | undefined)?.input ?? {};
    if (keepS !== undefined && (closeTime?.getTime() ?? Infinity) / 1000 + keepS <= until) yield workflowId;
  }
}

const iso = (unixSeconds: number) => new Date(unixSeconds * 1000).toISOString();

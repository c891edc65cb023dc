import type { Client } from '@temporalio/client';
import { type OldRequestKeyMemo, type RequestKeyMemo, requestKeyId } from '../temporal/request-keys.ts';
import { forgetRun, reserve } from '../temporal/reservations.ts';
import type { RemovalActivities } from '../contract/activities.ts';
import { EXPORTS, exportId } from '../contract/exports.ts';
import { GENERATE_VIDEO, REMEMBER_REQUEST } from '../contract/names.ts';
import { runActivity } from './run-activity.ts';

/** Between the moment that a video's id is made of and the note of its key, in ms. */
const NOTED_WITHIN_MS = 5 * 60_000;

/**
 * The part of a removal that is between Temporal and the workflows of the video and its exports. Idempotent: runs that are not there count as
 * forgotten.
 *
 * @param temporal the client, which is there before the first activity
 */
export function removalActivities(temporal: () => Client): RemovalActivities {
  return {
    forgetVideo: (videoId, runs = []) =>
      runActivity('internal_error', async () => {
        const client = temporal();
        const query = `WorkflowId = "${videoId}" AND WorkflowType = "${GENERATE_VIDEO}" AND ExecutionStatus != "Running"`;
        const ended = new Set(runs);
        for await (const { runId } of client.workflow.list({ query })) ended.add(runId);
        for (const runId of ended) await forgetRun(client, videoId, runId);
        // What still makes one is ended by it.
        await Promise.all(EXPORTS.map((variant) => forgetRun(client, exportId(videoId, variant), '')));
        await forgetOldKey(client, videoId);
      }),
  };
}

/** Notes of keys once held the whole request. What takes its place says only that the key was used. */
async function forgetOldKey(client: Client, videoId: string): Promise<void> {
  const createdAt = Number.parseInt(videoId.slice('video_'.length, 'video_'.length + 12), 16);
  if (!Number.isSafeInteger(createdAt)) return;
  const time = (ms: number) => `"${new Date(ms).toISOString()}"`;
  const near = `StartTime >= ${time(createdAt - NOTED_WITHIN_MS)} AND StartTime <= ${time(createdAt + NOTED_WITHIN_MS)}`;
  for await (const info of client.workflow.list({ query: `WorkflowType = "${REMEMBER_REQUEST}" AND ${near}` })) {
    const { input } = (info.memo ?? {}) as Partial<OldRequestKeyMemo>;
    if (input?.videoId !== videoId || !info.workflowId.startsWith(requestKeyId(''))) continue;
    const memo: RequestKeyMemo = { videoId, digest: '' };
    await reserve(client, info.workflowId, memo, 'again');
    await forgetRun(client, info.workflowId, info.runId);
  }
}

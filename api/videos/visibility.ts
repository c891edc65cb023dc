import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { VideoMemo } from '../../contract/video-job.ts';
import { GENERATE_VIDEO, REMOVE_VIDEO } from '../../contract/names.ts';
import type { VideoStatusName } from '../jobs/video-schema.ts';
import { isUnreadable } from '../jobs/job-state.ts';
import { entriesAsked } from '../../temporal/word-entries.ts';

/** Which videos; everything that is left out is not asked for. */
export interface VideoFilter {
  accountId?: string | undefined;
  model?: string | undefined;
  groupId?: string | undefined;
  size?: string | undefined;
  /** Each begins a word of the prompt. */
  words?: readonly string[] | undefined;
  status?: VideoStatusName | undefined;
}

/** A window of `created_at`, in unix seconds: `from` is in it, `to` is not. */
export interface TimeWindow {
  from: number;
  to: number;
}

/** One run of a video's workflow. */
export interface VideoRow {
  videoId: string;
  memo: VideoMemo;
  running: boolean;
  /** When the run began; the last one counts. */
  startTime: Date;
}

/** A failed video may be one that failed, was cancelled, or was ended by an operator. */
const STATUSES: Record<VideoStatusName, string> = {
  queued: '"Running"',
  in_progress: '"Running"',
  completed: '"Completed"',
  failed: '"Failed", "Canceled", "Terminated", "TimedOut"',
};

/** Temporal takes half a minute to delete a closed workflow. */
const FORGOTTEN_WITHIN_MS = 120_000;

const quoted = (value: string) => `"${value.replace(/["\\]/g, '')}"`;

/**
 * Temporal's query for the videos of a filter, created within a window. It finds all that have the filter's words, and some with
 * words that begin alike.
 */
export function videoQuery(client: Client, filter: VideoFilter, window?: TimeWindow): string {
  const { accountId, model, groupId, size, words = [], status } = filter;
  const time = (seconds: number) => `"${new Date(seconds * 1000).toISOString()}"`;
  return [
    `WorkflowType = ${quoted(GENERATE_VIDEO)}`,
    `Stage != "deleted"`,
    ...(accountId === undefined ? [] : [`AccountId = ${quoted(accountId)}`]),
    ...(model === undefined ? [] : [`Model = ${quoted(model)}`]),
    ...(groupId === undefined ? [] : [`GroupId = ${quoted(groupId)}`]),
    ...(size === undefined ? [] : [`Size = ${quoted(size)}`]),
    ...entriesAsked(client, words).map((anyOf) => `Words IN (${anyOf.map(quoted).join(', ')})`),
    ...(status === undefined ? [] : [`ExecutionStatus IN (${STATUSES[status]})`]),
    ...(window === undefined ? [] : [`CreatedAt >= ${time(window.from)}`, `CreatedAt < ${time(window.to)}`]),
  ].join(' AND ');
}

/** Videos that were just removed: until Temporal has forgotten their runs, within a minute, it lists them still. */
export async function justRemoved(client: Client): Promise<Set<string>> {
  const since = new Date(Date.now() - FORGOTTEN_WITHIN_MS).toISOString();
  const ids = new Set<string>();
  const query = `WorkflowType = "${REMOVE_VIDEO}" AND StartTime > "${since}"`;
  for await (const { workflowId } of client.workflow.list({ query, pageSize: 1000 })) ids.add(workflowId);
  return ids;
}

/** The newest run of each video that the query finds, in no order. */
export async function videoRows(client: Client, query: string): Promise<VideoRow[]>;
/** The same, or null where it finds more than `most` runs. */
export async function videoRows(client: Client, query: string, most: number): Promise<VideoRow[] | null>;
export async function videoRows(client: Client, query: string, most = Infinity): Promise<VideoRow[] | null> {
  const rows = new Map<string, VideoRow>();
  let runs = 0;
  for await (const info of client.workflow.list({ query, pageSize: Math.min(1000, most + 1) })) {
    if (++runs > most) return null;
    const row = rowOf(info);
    if (row === null) continue;
    const other = rows.get(row.videoId);
    if (other === undefined || other.startTime < row.startTime) rows.set(row.videoId, row);
  }
  return [...rows.values()];
}

function rowOf({ workflowId, memo, status, startTime }: WorkflowExecutionInfo): VideoRow | null {
  const running = status.name === 'RUNNING' || status.name === 'PAUSED';
  return memo?.['input'] === undefined || isUnreadable(memo)
    ? null
    : { videoId: workflowId, memo: memo as unknown as VideoMemo, running, startTime };
}

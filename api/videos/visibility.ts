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

/** A video by the newest run of its workflow. */
export interface VideoRow {
  videoId: string;
  memo: VideoMemo;
  running: boolean;
  /** When that run began. */
  startTime: Date;
  /** Of its workflow, with those before it: a retry is a new one. */
  runs: number;
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

/** What was read of what a query finds. */
export interface FoundRows {
  rows: VideoRow[];
  /** True where the query finds more runs than were to be read. */
  more: boolean;
}

/**
 * The videos that the query finds, in no order.
 *
 * @param most runs that are read. On SQL they are those that run, and then those that ended last. @default all
 */
export async function videoRows(client: Client, query: string, most = Infinity): Promise<FoundRows> {
  const rows = new Map<string, VideoRow>();
  let read = 0;
  for await (const info of client.workflow.list({ query, pageSize: Math.min(1000, most + 1) })) {
    if (read++ === most) return { rows: [...rows.values()], more: true };
    const row = rowOf(info);
    if (row === null) continue;
    const other = rows.get(row.videoId);
    const newest = other === undefined || other.startTime < row.startTime ? row : other;
    rows.set(row.videoId, { ...newest, runs: (other?.runs ?? 0) + 1 });
  }
  return { rows: [...rows.values()], more: false };
}

function rowOf({ workflowId, memo, status, startTime }: WorkflowExecutionInfo): VideoRow | null {
  const running = status.name === 'RUNNING' || status.name === 'PAUSED';
  return memo?.['input'] === undefined || isUnreadable(memo)
    ? null
    : { videoId: workflowId, memo: memo as unknown as VideoMemo, running, startTime, runs: 1 };
}

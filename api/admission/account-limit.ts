import type { Client } from '@temporalio/client';
import { GENERATE_VIDEO } from '../../contract/names.ts';
import type { Stage, VideoMemo } from '../../contract/video-job.ts';
import type { Account } from '../../platform/accounts/account.ts';
import { type ApiError, invalid, rateLimited } from '../errors/errors.ts';

/** What clients are told to wait where all slots are taken: about a short video's time. */
const FULL_WAIT_MS = 10_000;

/** An account's unfinished videos as they were listed, about a second ago at most. */
export type UnfinishedVideos = ReadonlyMap<string, { stage: Stage; /** Null without a slot. */ slot: number | null }>;

/** Unfinished videos that an account may have; null for any number. */
export const slotsOf = ({ queued, running }: Account['limits']): number | null =>
  queued === null && running === null ? null : (queued ?? 0) + (running ?? 0);

/** @param many videos that would be more than that */
export const full = (most: number, many: number): ApiError =>
  rateLimited(
    many === 1
      ? `This account has ${most} unfinished videos and may have ${most}.`
      : `This account may have ${most} unfinished videos, and with ${many} more it would have more. None was started.`,
    FULL_WAIT_MS,
  );

/** @throws ApiError `invalid_value` for more videos at once than the account may ever have unfinished */
export function assertPossible(many: number, most: number): void {
  if (many === 1 || many <= most) return;
  throw invalid('n', `n must be at most ${most}, the unfinished videos that this account may have, not ${many}.`);
}

/** What Temporal lists of an account, a moment behind. */
export async function listUnfinished({ workflow }: Client, accountId: string): Promise<UnfinishedVideos> {
  const query = `WorkflowType = "${GENERATE_VIDEO}" AND AccountId = "${accountId}" AND ExecutionStatus = "Running"`;
  const found = new Map<string, { stage: Stage; slot: number | null }>();
  for await (const { workflowId, searchAttributes, memo } of workflow.list({ query, pageSize: 1000 })) {
    const [stage] = (searchAttributes['Stage'] ?? []) as Stage[];
    const { input } = (memo ?? {}) as Partial<VideoMemo>;
    if (stage !== undefined && stage !== 'deleted') found.set(workflowId, { stage, slot: input?.slot?.number ?? null });
  }
  return found;
}

import type { Client } from '@temporalio/client';
import { type GenerateVideoInput, type VideoMemo } from '../../contract/video-job.ts';
import type { GenerateVideoResult } from '../../contract/results.ts';
import { GENERATE_VIDEO } from '../../contract/names.ts';

export interface FinishedVideo {
  runId: string;
  input: GenerateVideoInput;
  result: GenerateVideoResult;
  closedAt: Date;
}

/** Temporal lists a closed workflow a moment after its end, and workflows that ended together in any order. */
const OVERLAP_MS = 60_000;

/**
 * The newest completed videos of a model, oldest first.
 *
 * @param since leaves out those that ended long before
 */
export async function finishedVideos(
  { workflow }: Client,
  model: string,
  limit: number,
  since: Date | null,
): Promise<FinishedVideo[]> {
  const query = [
    `WorkflowType = "${GENERATE_VIDEO}"`,
    'ExecutionStatus = "Completed"',
    `Model = "${model}"`,
    ...(since === null ? [] : [`CloseTime > "${new Date(since.getTime() - OVERLAP_MS).toISOString()}"`]),
  ].join(' AND ');
  const found: FinishedVideo[] = [];
  for await (const { runId, memo, closeTime } of workflow.list({ query, pageSize: limit })) {
    const { input, result } = (memo ?? {}) as Partial<VideoMemo>;
    // A run that ended as a removal has another memo.
    if (input && result?.timing && closeTime) found.push({ runId, input, result, closedAt: closeTime });
    if (found.length === limit) break;
  }
  return found.toSorted((a, b) => a.closedAt.getTime() - b.closedAt.getTime());
}

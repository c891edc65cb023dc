import type { Client } from '@temporalio/client';
import { GENERATE_VIDEO, type GenerateVideoInput, type Stage, type VideoMemo } from '../../workflows/contract.ts';
import { STAGE } from '../videos/start-video.ts';
import { isUnreadable } from '../videos/unreadable.ts';

/** A job whose workflow runs. */
export interface UnfinishedJob {
  runId: string;
  input: GenerateVideoInput;
  /** `generating` from the moment that it waits for a GPU. */
  stage: Stage;
  /** When this run was started, ms since 1970. */
  since: number;
}

const QUERY = `WorkflowType = "${GENERATE_VIDEO}" AND ExecutionStatus = "Running" AND Stage != "deleted"`;

/** All unfinished jobs, of every account, in no order. */
export async function unfinishedJobs({ workflow }: Client): Promise<UnfinishedJob[]> {
  const found: UnfinishedJob[] = [];
  for await (const { runId, memo, typedSearchAttributes, startTime } of workflow.list({
    query: QUERY,
    pageSize: 1000,
  })) {
    const { input, result, failure } = (memo ?? {}) as Partial<VideoMemo>;
    // What has ended may still have somebody to tell of it.
    if (input === undefined || isUnreadable(memo) || result !== undefined || failure !== undefined) continue;
    const stage = (typedSearchAttributes.get(STAGE) ?? 'queued') as Stage;
    found.push({ runId, input, stage, since: startTime.getTime() });
  }
  return found;
}

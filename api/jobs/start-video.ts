import { WorkflowIdReusePolicy } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import {
  GENERATE_VIDEO,
  type GenerateVideoInput,
  type Stage,
  TASK_QUEUES,
  type VideoMemo,
} from '../../contract/video-job.ts';
import type { Temporal } from './temporal.ts';
import { summaryOf } from './summary.ts';

const keyword = (name: 'AccountId' | 'Model' | 'Stage' | 'IdempotencyKey') =>
  defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
export const STAGE = keyword('Stage');
const ACCOUNT_ID = keyword('AccountId');
const MODEL = keyword('Model');
export const IDEMPOTENCY_KEY = keyword('IdempotencyKey');
const CREATED_AT = defineSearchAttributeKey('CreatedAt', SearchAttributeType.DATETIME);

/**
 * Starts the video's workflow.
 *
 * @param again also where an earlier run of it has failed
 * @returns the id of its run
 * @throws WorkflowExecutionAlreadyStartedError; ApiError `service_unavailable`
 */
export async function startVideo(temporal: Temporal, input: GenerateVideoInput, again = false): Promise<string> {
  const { firstExecutionRunId } = await temporal.call((client) =>
    client.workflow.start(GENERATE_VIDEO, {
      taskQueue: TASK_QUEUES.cpu,
      workflowId: input.videoId,
      workflowIdReusePolicy: again
        ? WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
        : WorkflowIdReusePolicy.REJECT_DUPLICATE,
      args: [input],
      memo: { input } satisfies VideoMemo,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: ACCOUNT_ID, value: input.accountId },
        { key: MODEL, value: input.spec.model },
        { key: STAGE, value: 'queued' satisfies Stage },
        { key: CREATED_AT, value: new Date(input.createdAt * 1000) },
        ...(input.request ? [{ key: IDEMPOTENCY_KEY, value: input.request.key }] : []),
      ]),
      // Its activities inherit it: each account gets its turn.
      priority: { fairnessKey: input.accountId },
      staticSummary: summaryOf(input.spec),
    }),
  );
  return firstExecutionRunId;
}

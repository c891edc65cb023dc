import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';
import { isGrpcServiceError, type WorkflowClient } from '@temporalio/client';

/** Of gRPC. */
const NOT_FOUND = 5;

/** Whether Temporal knows nothing of what a bare call, of no handle, asked for. */
export const isNotFound = (error: unknown): boolean =>
  isGrpcServiceError(error) && (error.code as number) === NOT_FOUND;
/** Time that one question has for its answer. */
const ANSWER_MS = 2_000;
const PAUSE_MS = 200;

/**
 * Whether Temporal still waits for the activity, by this attempt or by a later one. An attempt that was given up is told
 * only that it is not known any more, be it that the next one begins or that the job has ended.
 *
 * @param signal gives up.
 * @returns null where Temporal has not answered by then
 */
export async function isPending({ client, info }: Context, signal: AbortSignal): Promise<boolean | null> {
  const { connection, workflowService } = client;
  const { namespace, workflowExecution: execution, activityId } = info;
  while (!signal.aborted) {
    try {
      const { pendingActivities } = await connection.withDeadline(Date.now() + ANSWER_MS, () =>
        workflowService.describeWorkflowExecution({ namespace, execution }),
      );
      return pendingActivities?.some((pending) => pending.activityId === activityId) ?? false;
    } catch (error) {
      if (isNotFound(error)) return false;
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
  return null;
}

/** A pending activity of a running workflow. */
export interface PendingActivityName {
  namespace: string;
  execution: { workflowId?: string | null; runId?: string | null } | undefined;
  activityId: string;
}

/** Changes the priority of an activity and of its next attempts; 1 is the highest. */
export async function setPriority(
  { workflowService }: Pick<WorkflowClient, 'workflowService'>,
  { namespace, execution, activityId }: PendingActivityName,
  priorityKey: number,
): Promise<void> {
  await workflowService.updateActivityOptions({
    namespace,
    execution: execution ?? null,
    id: activityId,
    activityOptions: { priority: { priorityKey } },
    updateMask: { paths: ['priority.priority_key'] },
  });
}

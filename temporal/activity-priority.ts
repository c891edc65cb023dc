import type { WorkflowClient } from '@temporalio/client';

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

import type { WorkflowClient } from '@temporalio/client';

/** A pending activity of a running workflow. */
export interface PendingActivityName {
  namespace: string;
  execution: { workflowId?: string | null; runId?: string | null } | undefined;
  activityId: string;
}

/** Has Temporal hand out an activity with another priority from now on, its next attempts too; 1 goes first. */
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

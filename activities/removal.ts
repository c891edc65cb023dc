import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { GENERATE_VIDEO, type RemovalActivities } from '../workflows/contract.ts';
import { runActivity } from './run-activity.ts';

/**
 * The part of a removal that is between Temporal and the video's workflow. Idempotent: runs that are not there count as
 * forgotten.
 *
 * @param temporal the client, which is there before the first activity
 */
export function removalActivities(temporal: () => Client): RemovalActivities {
  return {
    forgetVideo: (videoId) =>
      runActivity('internal_error', async () => {
        const { workflow, workflowService, options } = temporal();
        const query = `WorkflowId = "${videoId}" AND WorkflowType = "${GENERATE_VIDEO}" AND ExecutionStatus != "Running"`;
        for await (const { runId } of workflow.list({ query })) {
          await workflowService
            .deleteWorkflowExecution({
              namespace: options.namespace,
              workflowExecution: { workflowId: videoId, runId },
            })
            .catch(ifFound);
        }
      }),
  };
}

/** Not found is what a removal is after. */
function ifFound(error: unknown): void {
  const missing = error instanceof WorkflowNotFoundError || (error as { code?: unknown }).code === 5;
  if (!missing) throw error;
}

import type { Client } from '@temporalio/client';
import { setPriority } from '../../temporal/pending-activity.ts';
import { DUE_PRIORITY_KEY, PRIORITY_KEYS } from '../../contract/cost/job-class.ts';

/** `temporal.api.enums.v1.PendingActivityState`: no worker has it. */
const SCHEDULED = 1;

/**
 * Has Temporal hand out a job that waits for a GPU before all that have not begun.
 *
 * @returns false where it does not wait, or has been begun before and goes first anyway
 */
export async function raisePriority(client: Client, videoId: string): Promise<boolean> {
  const { raw, runId } = await client.workflow.getHandle(videoId).describe();
  const [waits] = raw.pendingActivities ?? [];
  if (waits?.activityType?.name !== 'generate' || Number(waits.state) !== SCHEDULED) return false;
  const priorityKey = waits.priority?.priorityKey || PRIORITY_KEYS.long;
  if (priorityKey < DUE_PRIORITY_KEY) return false;
  if (priorityKey === DUE_PRIORITY_KEY) return true;
  const execution = { workflowId: videoId, runId };
  const name = { namespace: client.options.namespace, execution, activityId: waits.activityId ?? '' };
  await setPriority(client, name, DUE_PRIORITY_KEY);
  return true;
}

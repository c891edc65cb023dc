import type { Context } from '@temporalio/activity';
import { setPriority } from '../../temporal/pending-activity.ts';
import type { Logger } from '../../platform/log/logger.ts';
import { BEGUN_PRIORITY_KEYS } from '../../contract/cost/job-class.ts';
import type { JobClass } from '../../contract/video-job.ts';

/** An attempt that hands over has little time. */
const TIMEOUT_MS = 2_000;

/**
 * Temporal puts a retry at the end of its account's queue. A job with a checkpoint is to be resumed before new ones begin,
 * so its priority is raised while the attempt still runs.
 *
 * @returns asks Temporal for that until it has agreed. Never fails: without it the job waits like a new one.
 */
export function raisePriority(context: Context, jobClass: JobClass, log: Logger): () => Promise<void> {
  const { info } = context;
  const priorityKey = BEGUN_PRIORITY_KEYS[jobClass];
  let asked: Promise<void> | null = info.priority?.priorityKey === priorityKey ? Promise.resolve() : null;
  const ask = async () => {
    const { namespace, workflowExecution: execution, activityId } = info;
    try {
      await context.client.connection.withDeadline(Date.now() + TIMEOUT_MS, () =>
        setPriority(context.client, { namespace, execution, activityId }, priorityKey),
      );
    } catch (error) {
      asked = null;
      log.warn({ err: error }, 'The priority could not be raised for now: a retry would wait like a new job');
    }
  };
  return () => (asked ??= ask());
}

import type { Context } from '@temporalio/activity';
import { setPriority } from '../../temporal/activity-priority.ts';
import type { Logger } from '../../platform/log/logger.ts';
import { BEGUN_PRIORITY_KEYS } from '../../contract/cost/job-class.ts';
import type { JobClass } from '../../contract/video-job.ts';

/** An attempt that hands over has little time. */
const TIMEOUT_MS = 2_000;

/**
 * Temporal puts what it tries again at the end of its account's line. A job that has a checkpoint is to go on before new
 * ones begin, whatever ends this attempt: so its priority is raised while the attempt runs.
 *
 * @returns asks Temporal for that until it has agreed. Never fails: without it the job waits like a new one.
 */
export function goFirst(context: Context, jobClass: JobClass, log: Logger): () => Promise<void> {
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
      log.warn({ err: error }, 'The job keeps its place for now: tried again, it waits like a new one');
    }
  };
  return () => (asked ??= ask());
}

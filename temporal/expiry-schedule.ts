import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { EXPIRE_VIDEOS, TASK_QUEUES } from '../contract/names.ts';

/** Id of the schedule, and of its workflows with a time behind it. */
export const EXPIRY_SCHEDULE = 'expire-videos';
/** Between two runs: files live at most this much longer than they were to. */
const EVERY = '10m';

/** Makes sure that Temporal checks for videos that have expired. Idempotent, and safe in several processes at once. */
export async function ensureExpirySchedule({ schedule }: Client): Promise<void> {
  try {
    await schedule.create({
      scheduleId: EXPIRY_SCHEDULE,
      spec: { intervals: [{ every: EVERY }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: EVERY },
      action: {
        type: 'startWorkflow',
        workflowType: EXPIRE_VIDEOS,
        workflowId: EXPIRY_SCHEDULE,
        taskQueue: TASK_QUEUES.cpu,
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

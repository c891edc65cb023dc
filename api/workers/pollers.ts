import type { Client } from '@temporalio/client';
import { tsToDate } from '@temporalio/common/lib/time.js';
import { TASK_QUEUES } from '../../contract/names.ts';

/** A worker that has asked Temporal for work. */
export interface Poller {
  /** What it calls itself. */
  identity: string;
  taskQueue: string;
  lastSeenAt: Date;
}

/** `TaskQueueType`: the GPU workers take activities only; every CPU worker takes workflows too. */
const QUEUES = [
  { name: TASK_QUEUES.gpu, taskQueueType: 2 },
  { name: TASK_QUEUES.cpu, taskQueueType: 1 },
];

/** Who has asked for work lately. Temporal forgets a worker five minutes after its last question. */
export async function pollers({ workflowService, options }: Client): Promise<Poller[]> {
  const { namespace } = options;
  const found = await Promise.all(
    QUEUES.map(async ({ name, taskQueueType }) => {
      const answer = await workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
      return answer.pollers.map(({ identity, lastAccessTime }) => ({
        identity: identity ?? '',
        taskQueue: name,
        lastSeenAt: tsToDate(lastAccessTime!),
      }));
    }),
  );
  return found.flat();
}

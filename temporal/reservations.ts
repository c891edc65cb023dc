import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Reservation } from '../contract/video-job.ts';
import { RESERVATION, TASK_QUEUES } from '../contract/names.ts';

/** A reservation and what was noted with it; a note that cannot be decrypted reads as null. */
export interface Reserved<M> {
  reservation: Reservation;
  memo: Partial<M>;
  /** When it was made, ms since 1970. */
  since: number;
}

/** Longer than any is kept: no worker ever hears of it. */
const NEVER = '3650 days';

/**
 * Takes a name: exactly one of all who ask at the same moment does, at whatever process.
 *
 * @param memo noted with it; never a prompt
 * @param reuse `once`: not after an earlier one that was ended and not deleted
 * @returns null where the name is taken
 */
export async function reserve(
  { workflow }: Client,
  workflowId: string,
  memo: Record<string, unknown>,
  reuse: 'once' | 'again',
): Promise<Reservation | null> {
  try {
    const { firstExecutionRunId: runId } = await workflow.start(RESERVATION, {
      taskQueue: TASK_QUEUES.cpu,
      workflowId,
      workflowIdReusePolicy:
        reuse === 'once' ? WorkflowIdReusePolicy.REJECT_DUPLICATE : WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      startDelay: NEVER,
      memo,
    });
    return { workflowId, runId };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** Who has a name; null where it is free. */
export async function reserved<M>({ workflow }: Client, workflowId: string): Promise<Reserved<M> | null> {
  try {
    const { runId, memo, startTime } = await workflow.getHandle(workflowId).describe();
    return { reservation: { workflowId, runId }, memo: (memo ?? {}) as Partial<M>, since: startTime.getTime() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Frees the name, where this reservation still has it, and leaves nothing of it. */
export async function release({ workflowService, options }: Client, reservation: Reservation): Promise<void> {
  const { workflowId, runId } = reservation;
  await forgetRun({ workflowService, options }, workflowId, runId);
}

/** Removes a run of a workflow from Temporal; one that is not there is what it is after. */
export async function forgetRun(
  { workflowService, options: { namespace } }: Pick<Client, 'workflowService' | 'options'>,
  workflowId: string,
  runId: string,
): Promise<void> {
  try {
    await workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId, runId } });
  } catch (error) {
    const missing = error instanceof WorkflowNotFoundError || (error as { code?: unknown }).code === NOT_FOUND;
    if (!missing) throw error;
  }
}

/** Of gRPC. */
const NOT_FOUND = 5;

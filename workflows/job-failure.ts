import { ActivityFailure, ApplicationFailure, TimeoutFailure, isCancellation } from '@temporalio/workflow';
import type { Stage } from '../contract/video-job.ts';
import { type ErrorCode, isErrorCode } from '../contract/errors.ts';
import { failure } from '../contract/failure.ts';

/** What a failure without a code of its own means, by the stage that it ended. */
const BY_STAGE: Partial<Record<Stage, ErrorCode>> = {
  generating: 'generation_failed',
  encoding: 'encoding_failed',
  uploading: 'upload_failed',
};

/**
 * The failure that ends the workflow: its `type` is a code of the error table, its message is for the user, its cause is
 * what happened, for operators.
 */
export function jobFailure(
  error: unknown,
  stage: Stage,
  stoppedBy: 'cancelled' | 'deadline_exceeded' | null,
): ApplicationFailure {
  // A cancelled activity may also end by a timeout or an error on its way out: still a cancel to the user.
  if (stoppedBy !== null || isCancellation(error)) return final(stoppedBy ?? 'cancelled', undefined, error);
  const cause = causeOf(error);
  const last = cause instanceof TimeoutFailure && cause.cause instanceof ApplicationFailure ? cause.cause : cause;
  if (last instanceof ApplicationFailure && isErrorCode(last.type)) return final(last.type, last.message, error);
  if (last instanceof TimeoutFailure) {
    return final(last.timeoutType === 'HEARTBEAT' ? 'worker_lost' : 'timed_out', undefined, error);
  }
  return final(BY_STAGE[stage] ?? 'internal_error', undefined, error);
}

/** The failure that an activity ended with; null where it was no failure of its own. */
export function applicationFailureIn(error: unknown): ApplicationFailure | null {
  const cause = causeOf(error);
  return cause instanceof ApplicationFailure ? cause : null;
}

/** What an activity threw; a local one's error comes as it is. */
const causeOf = (error: unknown) => (error instanceof ActivityFailure ? error.cause : error);

/** Of a workflow, which is not tried again. */
const final = (code: ErrorCode, message: string | undefined, cause: unknown) =>
  failure(code, message, { cause, retryable: false });

import { isGrpcServiceError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { ERRORS, type ErrorCode, isErrorCode } from '../contract/errors.ts';

/** What went wrong, in the words of the table. */
export interface JobError {
  code: ErrorCode;
  message: string;
}

/**
 * What a failed call of Temporal means for the user: follows the causes of a `WorkflowFailedError`, `ActivityFailure`
 * or any other error down to the first that says something. Other errors are `internal_error`, without their message,
 * which may hold what users must not see.
 */
export function errorOf(error: unknown): JobError {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ApplicationFailure && isErrorCode(at.type)) return { code: at.type, message: at.message };
    if (at instanceof CancelledFailure) return row('cancelled');
    if (at instanceof TerminatedFailure) return { code: 'cancelled', message: 'The video was ended by an operator.' };
    if (at instanceof TimeoutFailure) return row(at.timeoutType === 'HEARTBEAT' ? 'worker_lost' : 'timed_out');
    if (isGrpcServiceError(at)) return row('service_unavailable');
  }
  return row('internal_error');
}

const row = (code: ErrorCode): JobError => ({ code, message: ERRORS[code].message });

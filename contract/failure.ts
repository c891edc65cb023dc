import { ApplicationFailure } from '@temporalio/common';
import { ERRORS, type ErrorCode } from './errors.ts';

/** What is said of a failure to Temporal alone. */
export interface FailureOptions {
  /** What happened, for operators: shown in Temporal's Web UI. */
  cause?: unknown;
  /** @default as the table says */
  retryable?: boolean;
  /** When the next attempt may begin, in ms or as e.g. `1ms`. @default as the retry policy says */
  nextRetryDelay?: number | '1ms';
}

/**
 * The failure that a workflow or an activity throws for an error of the table.
 *
 * @param message for the user; the table's own where left out
 */
export function failure(
  code: ErrorCode,
  message: string = ERRORS[code].message,
  { cause, retryable = ERRORS[code].retryable, nextRetryDelay }: FailureOptions = {},
): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: !retryable,
    ...(cause instanceof Error && { cause }),
    ...(nextRetryDelay !== undefined && { nextRetryDelay }),
  });
}

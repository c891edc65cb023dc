import { WorkflowFailedError } from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TerminatedFailure,
  TimeoutFailure,
  type TimeoutType,
} from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../../temporal/error-of.ts';
import { failure } from '../../contract/failure.ts';
import { ERRORS } from '../../contract/errors.ts';

/** As the client of a workflow meets what an activity threw. */
const fromActivity = (cause: Error) =>
  new WorkflowFailedError(
    'Workflow execution failed',
    new ActivityFailure('Activity task failed', 'generate', '1', RetryState.NON_RETRYABLE_FAILURE, 'worker', cause),
    RetryState.NON_RETRYABLE_FAILURE,
  );

it('tries again exactly what the table says can help', () => {
  expect(failure('out_of_memory')).toMatchObject({ type: 'out_of_memory', nonRetryable: true });
  expect(failure('device_lost')).toMatchObject({ type: 'device_lost', nonRetryable: false });
});

it('keeps its own words and the cause for operators', () => {
  const cause = new Error('CUDA error 2');
  expect(failure('out_of_memory', 'Too large for 80 GB.', { cause })).toMatchObject({
    message: 'Too large for 80 GB.',
    cause,
  });
  expect(failure('out_of_memory').message).toBe(ERRORS.out_of_memory.message);
});

describe('a user is told', () => {
  const timeout = (type: TimeoutType) => fromActivity(new TimeoutFailure('timed out', undefined, type));
  it.each([
    ['what an activity said', fromActivity(failure('prompt_too_long', '300 tokens')), 'prompt_too_long', '300 tokens'],
    ['that it was cancelled', fromActivity(new CancelledFailure('x')), 'cancelled', ERRORS.cancelled.message],
    ['that the worker vanished', timeout('HEARTBEAT'), 'worker_lost', ERRORS.worker_lost.message],
    ['that it took too long', timeout('SCHEDULE_TO_CLOSE'), 'timed_out', ERRORS.timed_out.message],
    [
      'that an operator ended it',
      new WorkflowFailedError('x', new TerminatedFailure('x'), RetryState.NON_RETRYABLE_FAILURE),
      'cancelled',
      'The video was ended by an operator.',
    ],
    [
      'nothing of what only operators may see',
      fromActivity(ApplicationFailure.create({ type: 'TypeError', message: '/etc/secret is undefined' })),
      'internal_error',
      ERRORS.internal_error.message,
    ],
    ['no more than that, of anything else', 'a string', 'internal_error', ERRORS.internal_error.message],
  ])('%s', (_what, error, code, message) => {
    expect(errorOf(error)).toEqual({ code, message });
  });
});

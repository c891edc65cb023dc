import { ApplicationFailure } from '@temporalio/common';
import { deniedIn } from '../../storage/denied.ts';
import { failure } from '../../temporal/failures.ts';
import { ERRORS } from '../../contract/errors.ts';
import { DeviceLostError, GenerateParamError, OutOfMemoryError } from '../families/mochi/index.ts';
import { ScratchError } from '../checkpoints/scratch-error.ts';

const SHAPE = ['width', 'height', 'numFrames'];

/** What an error of the model or the store is called in the table. */
export function failureOf(thrown: unknown): ApplicationFailure {
  if (thrown instanceof ApplicationFailure) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof OutOfMemoryError) return failure('out_of_memory', undefined, error);
  if (error instanceof DeviceLostError) return failure('device_lost', undefined, error);
  if (error instanceof GenerateParamError) {
    return failure(SHAPE.includes(error.param) ? 'shape_not_supported' : 'invalid_value', error.message, error);
  }
  if (deniedIn(error)) return failure('storage_denied', undefined, error);
  if (error instanceof ScratchError) return failure('storage_failed', undefined, error);
  return failure('generation_failed', undefined, error);
}

/** The failure of an attempt whose worker is shut down: the next one may begin at once, elsewhere. */
export function handedOver(): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'worker_shutdown',
    message: ERRORS.worker_shutdown.message,
    nextRetryDelay: '1ms',
  });
}

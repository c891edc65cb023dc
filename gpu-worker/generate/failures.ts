import { ApplicationFailure } from '@temporalio/common';
import { deniedIn } from '../../storage/object-store.ts';
import { ERRORS } from '../../contract/errors.ts';
import { failure } from '../../contract/failure.ts';
import { DeviceLostError, GenerateParamError, type NumericalError, OutOfMemoryError } from '../families/mochi/index.ts';
import { ScratchError } from '../checkpoints/scratch-error.ts';

const SHAPE = ['width', 'height', 'numFrames'];

/** What an error of the model or the store is called in the table. */
export function failureOf(thrown: unknown): ApplicationFailure {
  if (thrown instanceof ApplicationFailure) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof OutOfMemoryError) return failure('out_of_memory', undefined, { cause: error });
  if (error instanceof DeviceLostError) return failure('device_lost', undefined, { cause: error });
  if (error instanceof GenerateParamError) {
    return failure(SHAPE.includes(error.param) ? 'shape_not_supported' : 'invalid_value', error.message, {
      cause: error,
    });
  }
  if (deniedIn(error)) return failure('storage_denied', undefined, { cause: error });
  if (error instanceof ScratchError) return failure('storage_failed', undefined, { cause: error });
  return failure('generation_failed', undefined, { cause: error });
}

/** @param why what explains the values that are not finite, in words */
export function numericalFailure(error: NumericalError, why: string): ApplicationFailure {
  const message = `${ERRORS.numerical_failure.message.slice(0, -1)} (${error.what}): ${why}.`;
  return failure('numerical_failure', message, { cause: error });
}

/** The failure of an attempt whose worker is shut down: the next one may begin at once, elsewhere. */
export function handedOver(): ApplicationFailure {
  return failure('worker_shutdown', undefined, { nextRetryDelay: '1ms' });
}

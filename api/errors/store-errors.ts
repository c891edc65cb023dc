import { deniedIn } from '../../storage/object-store.ts';
import { ApiError } from './errors.ts';

/** The store of finished videos does not answer: worth another try. */
export const storeUnavailable = (cause: unknown): ApiError =>
  new ApiError('service_unavailable', {
    message: 'The store of finished videos does not answer. Try again in a few seconds.',
    cause,
  });

/** What the store answers to a write or a list. @throws ApiError `storage_denied`, `service_unavailable` */
export async function answerOfStore<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (deniedIn(cause) !== null) throw new ApiError('storage_denied', { cause });
    throw storeUnavailable(cause);
  }
}

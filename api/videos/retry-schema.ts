import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';
import { identifier, oneOf, parseFields, whole } from '../http/fields.ts';

/** The fields of `POST /v1/videos/retry`. */
export const retryVideosFields = z.object({
  error_code: oneOf(Object.keys(ERRORS) as ErrorCode[], "the code of a video's error, e.g. out_of_memory"),
  account: identifier('the id of an account'),
  limit: whole(1, 100, 'a whole number from 1 to 100'),
});

export interface RetryVideosQuery {
  /** Only videos that failed so; left out, all that were not cancelled. */
  errorCode: string | null;
  /** Only this account's. */
  account: string | undefined;
  limit: number;
}

/** @throws ApiError `invalid_value` with `param` */
export function parseRetryVideos(body: Record<string, unknown>): RetryVideosQuery {
  const { error_code = null, account, limit = 100 } = parseFields(retryVideosFields, body);
  return { errorCode: error_code, account, limit };
}

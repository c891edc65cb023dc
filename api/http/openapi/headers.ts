import { z } from 'zod';
import type { ErrorCode } from '../../../contract/errors.ts';

/** Headers of every response. */
export const requestIdHeader = {
  'x-request-id': z.string().meta({ description: "The request's id: the client's own if it sent a valid one." }),
};

/** The polling interval, as OpenAI's clients read it. */
export const pollHeader = {
  'openai-poll-after-ms': z
    .string()
    .optional()
    .meta({ description: 'Milliseconds to wait before the next poll; absent once the video is finished.' }),
};

const retryAfter = z.string().meta({ description: 'Seconds to wait before a retry.' });
const tooMuch = {
  'retry-after': retryAfter,
  'retry-after-ms': z.string().meta({ description: 'The same, in milliseconds.' }),
};
const shouldRetry = z.literal('false').meta({ description: 'Keeps SDKs from retrying.' });

/** Headers of errors beside the envelope. */
export const errorHeaders: Partial<Record<ErrorCode, Record<string, z.ZodType>>> = {
  invalid_api_key: { 'www-authenticate': z.enum(['Bearer', 'Basic realm="Kinora"']) },
  rate_limit_exceeded: tooMuch,
  queue_too_long: tooMuch,
  service_unavailable: { 'retry-after': retryAfter },
  export_not_ready: { 'retry-after': retryAfter },
  idempotency_conflict: { 'x-should-retry': shouldRetry },
  unsupported_endpoint: { 'x-should-retry': shouldRetry },
  range_not_satisfiable: {
    'content-range': z.string().meta({ description: 'The size of the file.', example: 'bytes */123456' }),
  },
};

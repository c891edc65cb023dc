import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';

export interface ApiErrorOptions {
  /** For the user; what is wrong and what to do. @default the table's own */
  message?: string;
  /** The field that is at fault. @default null */
  param?: string | null;
  /** Response headers beside the envelope. */
  headers?: Record<string, string>;
  /** For the log only. */
  cause?: unknown;
}

/** An error of the table on its way to the client. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly headers: Record<string, string>;

  constructor(code: ErrorCode, { message = ERRORS[code].message, param = null, headers, cause }: ApiErrorOptions = {}) {
    super(message, { cause });
    this.code = code;
    this.param = param;
    this.headers = { ...HEADERS[code], ...headers };
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  /** The wire shape: all four keys, always. */
  get body(): ErrorBody {
    return { error: { message: this.message, type: ERRORS[this.code].type, param: this.param, code: this.code } };
  }
}

/** What SDKs need beside the status to do the right thing: wait before they ask again, or not ask again at all. */
const HEADERS: Partial<Record<ErrorCode, Record<string, string>>> = {
  invalid_api_key: { 'www-authenticate': 'Bearer' },
  service_unavailable: { 'retry-after': '2' },
  export_not_ready: { 'retry-after': '2' },
  idempotency_conflict: { 'x-should-retry': 'false' },
  unsupported_endpoint: { 'x-should-retry': 'false' },
};

/** A field that cannot be used: 400 with `param`. */
export const invalid = (param: string, message: string): ApiError => new ApiError('invalid_value', { param, message });

/** More than may be asked for: 429, with the time after which it may be again. */
export function rateLimited(
  message: string,
  waitMs: number,
  code: 'rate_limit_exceeded' | 'queue_too_long' = 'rate_limit_exceeded',
): ApiError {
  const seconds = Math.ceil(waitMs / 1000);
  return new ApiError(code, {
    message: `${message} Try again in ${seconds} s.`,
    headers: { 'retry-after': String(seconds), 'retry-after-ms': String(Math.ceil(waitMs)) },
  });
}

/** What Express and what sends its static files answer with. */
const STATUS_CODES: Record<number, ErrorCode> = {
  // A percent sign in the path that cannot be decoded.
  400: 'unknown_url',
  403: 'unknown_url',
  404: 'unknown_url',
  412: 'precondition_failed',
  416: 'range_not_satisfiable',
};

/** Whatever a handler threw, as an error of the table. Messages of unknown errors stay in the log. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { status, headers } = (error ?? {}) as { status?: unknown; headers?: Record<string, string> };
  const code = error instanceof URIError ? 'unknown_url' : STATUS_CODES[Number(status)];
  if (code !== undefined) return new ApiError(code, { headers: headers ?? {}, cause: error });
  if (isTemporalOutage(error)) return new ApiError('service_unavailable', { cause: error });
  return new ApiError('internal_error', { cause: error });
}

/** Temporal did not answer, or answered that it cannot serve: the client does right to ask again. */
const isTemporalOutage = (error: unknown): boolean =>
  error instanceof ServiceError || error instanceof NamespaceNotFoundError || isGrpcServiceError(error);

/** OpenAI's error envelope for these codes. All four keys are always present. */
export function errorSchema<Code extends ErrorCode>(codes: readonly [Code, ...Code[]]) {
  const types = [...new Set(codes.map((code) => ERRORS[code].type))];
  return z.strictObject({
    error: z.strictObject({
      message: z.string().meta({ description: 'What is wrong and what to do.' }),
      type: z.enum(types),
      param: z.string().nullable().meta({ description: 'The invalid field.' }),
      code: z.enum(codes).meta({ description: 'Identifies the error for programs.' }),
    }),
  });
}

export type ErrorBody = z.infer<ReturnType<typeof errorSchema<ErrorCode>>>;

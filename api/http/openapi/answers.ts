import { z } from 'zod';
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import { ERRORS, type ErrorCode } from '../../../contract/errors.ts';
import { errorSchema } from '../../errors/errors.ts';
import { errorHeaders, requestIdHeader } from './headers.ts';

type Status = `${1 | 2 | 3 | 4 | 5}${string}`;

/** A response of this content type. */
export function answer(
  description: string,
  contentType: string,
  schema: z.ZodType,
  headers: Record<string, z.ZodType> = {},
): ZodOpenApiResponseObject {
  return {
    description,
    headers: z.object({ ...requestIdHeader, ...headers }),
    content: { [contentType]: { schema } },
  };
}

/** A JSON response. */
export const json = (description: string, schema: z.ZodType, headers?: Record<string, z.ZodType>) =>
  answer(description, 'application/json', schema, headers);

/** A response without a body. */
export const empty = (description: string, headers: Record<string, z.ZodType> = {}): ZodOpenApiResponseObject => ({
  description,
  headers: z.object({ ...requestIdHeader, ...headers }),
});

/** The responses of these errors, by status. */
export function errors(...codes: ErrorCode[]): ZodOpenApiResponsesObject {
  const responses: ZodOpenApiResponsesObject = {};
  for (const { status } of codes.map((code) => ERRORS[code])) {
    const [first, ...others] = [...new Set(codes)].filter((code) => ERRORS[code].status === status);
    responses[`${status}` as Status] ??= errorAnswer([first!, ...others]);
  }
  return responses;
}

function errorAnswer(codes: [ErrorCode, ...ErrorCode[]]): ZodOpenApiResponseObject {
  const description = codes.map((code) => `\`${code}\`: ${ERRORS[code].message}`).join('\n\n');
  // A header that only some of the codes have is optional.
  const headers = codes.flatMap((code) =>
    Object.entries(errorHeaders[code] ?? {}).map(([name, header]) => [
      name,
      codes.every((other) => errorHeaders[other]?.[name]) ? header : header.optional(),
    ]),
  );
  return json(description, errorSchema(codes), Object.fromEntries(headers) as Record<string, z.ZodType>);
}

/** Errors of every request below `/v1`. */
const ANY: readonly ErrorCode[] = ['invalid_api_key', 'invalid_value', 'internal_error', 'rate_limit_exceeded'];

/** Errors of a read below `/v1`. */
export const readErrors = (...codes: ErrorCode[]) => errors(...ANY, ...codes);

/** Errors of a write below `/v1`. */
export const writeErrors = (...codes: ErrorCode[]) => errors(...ANY, 'precondition_failed', ...codes);

/** Errors of a request body. */
export const BODY_ERRORS: readonly ErrorCode[] = [
  'invalid_json',
  'invalid_multipart',
  'invalid_value',
  'body_too_large',
  'request_timeout',
  'unsupported_media_type',
];

/** Errors of a path with a video's id. */
export const VIDEO_ERRORS: readonly ErrorCode[] = [
  'rate_limit_exceeded',
  'video_not_found',
  'unknown_url',
  'service_unavailable',
  'encryption_key_missing',
];

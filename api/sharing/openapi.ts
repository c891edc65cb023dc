import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { VARIANT_FILES } from '../../storage/keys.ts';
import {
  answer,
  BODY_ERRORS,
  empty,
  errors,
  json,
  readErrors,
  VIDEO_ERRORS,
  writeErrors,
} from '../http/openapi/answers.ts';
import { requestIdHeader } from '../http/openapi/headers.ts';
import { body, videoPath } from '../http/openapi/requests.ts';
import { createShareFields, shareDeletedSchema, videoShareListSchema, videoShareSchema } from './schema.ts';

const tags = ['Share links'];
const html = (description: string, headers: Record<string, z.ZodType> = {}) =>
  answer(description, 'text/html', z.string(), { 'referrer-policy': z.literal('no-referrer'), ...headers });
const bytes = z.string().meta({ override: { type: 'string', format: 'binary' } });
const retryAfter = { 'retry-after': z.string() };
const linkPath = z.object({ link: z.string().meta({ description: 'The end of a share link.' }) });

/** What visitors are told whose link gives them nothing. */
const failures = {
  404: html('A page: the link does not work, whatever is wrong with it'),
  429: html('A page: too many requests came from this address', retryAfter),
  503: html('A page: the service cannot answer right now', retryAfter),
  ...errors('invalid_value', 'internal_error'),
};

const fileHeaders = {
  etag: z.string(),
  'last-modified': z.string(),
  'accept-ranges': z.literal('bytes'),
  'cache-control': z.string(),
  'x-robots-tag': z.literal('noindex'),
};
const partHeaders = { ...fileHeaders, 'content-range': z.string().meta({ example: 'bytes 0-1023/123456' }) };

const file = (operationId: string, summary: string, contentType: string) => ({
  get: {
    operationId,
    summary,
    tags,
    security: [],
    requestParams: {
      path: linkPath,
      header: z.object({ range: z.string().optional(), 'if-none-match': z.string().optional() }),
    },
    responses: {
      200: answer('The file', contentType, bytes, fileHeaders),
      206: answer('The requested range', contentType, bytes, partHeaders),
      304: empty("The client's copy is up to date", { ...requestIdHeader, ...fileHeaders }),
      ...failures,
      ...errors('precondition_failed', 'range_not_satisfiable'),
    },
  },
});

/** Links under which a finished video can be watched without a key. */
export const sharePaths: ZodOpenApiPathsObject = {
  '/v1/videos/{id}/share': {
    post: {
      operationId: 'shareVideo',
      summary: 'Make a share link',
      description:
        'Anyone with the link can watch the finished video, and do nothing else. It ends after `expires_in` seconds, with the video, or when it is revoked.',
      tags,
      requestParams: videoPath,
      requestBody: body(createShareFields),
      responses: {
        200: json('The link', videoShareSchema),
        ...writeErrors(
          ...BODY_ERRORS,
          ...VIDEO_ERRORS,
          'video_not_ready',
          'video_generation_failed',
          'video_expired',
          'too_many_shares',
          'storage_denied',
          'unsupported_endpoint',
        ),
      },
    },
  },
  '/v1/videos/{id}/shares': {
    get: {
      operationId: 'listShares',
      summary: 'List the share links of a video',
      description: 'Those that are valid, newest first.',
      tags,
      requestParams: videoPath,
      responses: {
        200: json('The links', videoShareListSchema),
        ...readErrors(...VIDEO_ERRORS, 'storage_denied', 'unsupported_endpoint'),
      },
    },
  },
  '/v1/videos/{id}/shares/{share_id}': {
    delete: {
      operationId: 'revokeShare',
      summary: 'Revoke a share link',
      tags,
      requestParams: { path: videoPath.path.extend({ share_id: z.string() }) },
      responses: {
        200: json('The link has ended', shareDeletedSchema),
        ...writeErrors(...VIDEO_ERRORS, 'share_not_found', 'storage_denied', 'unsupported_endpoint'),
      },
    },
  },
  '/share/{link}': {
    get: {
      operationId: 'watchShared',
      summary: 'Watch a shared video',
      tags,
      security: [],
      requestParams: { path: linkPath },
      responses: {
        200: html('A page that plays the video', {
          'content-security-policy': z.string(),
          'x-robots-tag': z.literal('noindex'),
        }),
        ...failures,
      },
    },
  },
  '/share/{link}/video.mp4': file('downloadShared', 'Get a shared video', VARIANT_FILES.video.contentType),
  '/share/{link}/poster.webp': file(
    'downloadSharedPoster',
    'Get the poster of a shared video',
    VARIANT_FILES.thumbnail.contentType,
  ),
};

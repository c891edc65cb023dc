import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { EXPORT_FILES, VARIANT_FILES } from '../../storage/keys.ts';
import { archiveFields } from './archive-schema.ts';
import { answer, empty, readErrors, VIDEO_ERRORS } from '../http/openapi/answers.ts';
import { requestIdHeader } from '../http/openapi/headers.ts';
import { videoPath } from '../http/openapi/requests.ts';

const tags = ['Files and progress'];
const FILES = { ...VARIANT_FILES, ...EXPORT_FILES };
const names = Object.keys(FILES) as [string, ...string[]];
const bytes = z.string().meta({ override: { type: 'string', format: 'binary' } });

const fileHeaders = {
  etag: z.string().meta({ description: 'SHA-256 of the file.' }),
  'last-modified': z.string(),
  'accept-ranges': z.literal('bytes'),
  'content-disposition': z.string().meta({ description: 'Contains a file name with the seed.' }),
};
const partHeaders = { ...fileHeaders, 'content-range': z.string().meta({ example: 'bytes 0-1023/123456' }) };

const eventSchema = z.object({
  event: z.enum(['video', 'end']),
  id: z.string(),
  data: z
    .string()
    .meta({ description: 'For `video` events, the Video object as JSON.', contentMediaType: 'application/json' }),
});

const previewHeaders = {
  etag: z.string(),
  'x-preview-step': z.string().meta({ description: 'The denoising step after which it was made.', example: '12' }),
};

const file = (description: string, headers: Record<string, z.ZodType>) => ({
  description,
  headers: z.object({ ...requestIdHeader, ...headers }),
  content: Object.fromEntries(Object.values(FILES).map((one) => [one.contentType, { schema: bytes }])),
});

/** A video's files, and its progress as a stream. */
export const filePaths: ZodOpenApiPathsObject = {
  '/v1/videos/{id}/content': {
    get: {
      operationId: 'downloadContent',
      summary: 'Download a video',
      description:
        '`webm`, `gif` and `frames` (a ZIP of PNGs) are made when they are first asked for. While one is being made, the request waits some seconds and then returns 409 `export_not_ready`.',
      tags,
      requestParams: {
        ...videoPath,
        query: z.object({
          variant: z
            .enum([...names, ''])
            .optional()
            .meta({ description: 'Default: the video.' }),
          delivery: z.string().optional().meta({
            description: '`proxy` returns the file itself, even if the service is configured to redirect to a link.',
            example: 'proxy',
          }),
        }),
        header: z.object({
          range: z.string().optional().meta({ description: 'A single range of bytes.', example: 'bytes=0-1023' }),
          'if-range': z.string().optional(),
          'if-match': z.string().optional(),
          'if-unmodified-since': z.string().optional(),
          'if-none-match': z.string().optional(),
          'if-modified-since': z.string().optional(),
        }),
      },
      responses: {
        200: file('The file', fileHeaders),
        206: file('The requested range', partHeaders),
        302: empty('Redirect to a short-lived link to the file, if the service is configured so', {
          location: z.string(),
        }),
        304: empty("The client's copy is up to date", fileHeaders),
        ...readErrors(
          ...VIDEO_ERRORS,
          'unsupported_variant',
          'video_not_ready',
          'video_generation_failed',
          'video_expired',
          'export_not_ready',
          'export_failed',
          'precondition_failed',
          'range_not_satisfiable',
        ),
      },
    },
  },
  '/v1/videos/archive': {
    get: {
      operationId: 'downloadVideos',
      summary: 'Get several finished videos as a ZIP',
      description:
        'The MP4s, not compressed, named after prompt and seed. Videos that are not finished, have expired or are not there are named in `missing.txt` in it, with the reason.',
      tags,
      requestParams: { query: archiveFields },
      responses: {
        200: answer('The ZIP', 'application/zip', bytes, {
          'content-length': z.string(),
          'content-disposition': z.string(),
        }),
        ...readErrors(
          'missing_required_parameter',
          'video_not_found',
          'storage_denied',
          'rate_limit_exceeded',
          'service_unavailable',
        ),
      },
    },
  },
  '/v1/videos/{id}/preview': {
    get: {
      operationId: 'previewVideo',
      summary: 'Get the newest preview of a running video',
      tags,
      requestParams: { ...videoPath, header: z.object({ 'if-none-match': z.string().optional() }) },
      responses: {
        200: answer('A small image', 'image/jpeg', bytes, previewHeaders),
        304: empty("The client's copy is up to date", previewHeaders),
        ...readErrors(...VIDEO_ERRORS, 'preview_not_available', 'precondition_failed'),
      },
    },
  },
  '/v1/videos/{id}/events': {
    get: {
      operationId: 'streamVideo',
      summary: 'Stream a video as server-sent events',
      description:
        'Sends `event: video` with the Video object as data, at once and at every change. After the last one, sends `event: end` and closes the stream. A comment every 15 s keeps the connection open.',
      tags,
      requestParams: {
        ...videoPath,
        header: z.object({
          'last-event-id': z
            .string()
            .optional()
            .meta({ description: 'Id of the last event that the client received.' }),
        }),
      },
      responses: {
        200: answer('The stream of events', 'text/event-stream', eventSchema),
        204: empty('The client already received the last event'),
        ...readErrors(...VIDEO_ERRORS),
      },
    },
  },
};

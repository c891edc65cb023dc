import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { VARIANT_FILES } from '../../storage/keys.ts';
import { answer, empty, readErrors, VIDEO_ERRORS } from '../http/openapi/answers.ts';
import { requestIdHeader } from '../http/openapi/headers.ts';
import { videoPath } from '../http/openapi/requests.ts';

const tags = ['Files and progress'];
const names = Object.keys(VARIANT_FILES) as [string, ...string[]];
const bytes = z.string().meta({ override: { type: 'string', format: 'binary' } });

const fileHeaders = {
  etag: z.string().meta({ description: 'SHA-256 of the file.' }),
  'last-modified': z.string(),
  'accept-ranges': z.literal('bytes'),
  'content-disposition': z.string().meta({ description: 'Has a file name with the seed.' }),
};
const partHeaders = { ...fileHeaders, 'content-range': z.string().meta({ example: 'bytes 0-1023/123456' }) };

const eventSchema = z.object({
  event: z.enum(['video', 'end']),
  id: z.string(),
  data: z.string().meta({ description: 'Of `video`, the Video object as JSON.', contentMediaType: 'application/json' }),
});

const previewHeaders = {
  etag: z.string(),
  'x-preview-step': z.string().meta({ description: 'The denoising step that it was made after.', example: '12' }),
};

const file = (description: string, headers: Record<string, z.ZodType>) => ({
  description,
  headers: z.object({ ...requestIdHeader, ...headers }),
  content: Object.fromEntries(Object.values(VARIANT_FILES).map((one) => [one.contentType, { schema: bytes }])),
});

/** What belongs to a video beside the Video object: its files, and its progress as a stream. */
export const filePaths: ZodOpenApiPathsObject = {
  '/v1/videos/{id}/content': {
    get: {
      operationId: 'downloadContent',
      summary: 'The finished files',
      tags,
      requestParams: {
        ...videoPath,
        query: z.object({
          variant: z
            .enum([...names, ''])
            .optional()
            .meta({ description: 'Left out: the video.' }),
          delivery: z.string().optional().meta({
            description: '`proxy`: the file itself, also where the service redirects to a link.',
            example: 'proxy',
          }),
        }),
        header: z.object({
          range: z.string().optional().meta({ description: 'One range of bytes.', example: 'bytes=0-1023' }),
          'if-range': z.string().optional(),
          'if-match': z.string().optional(),
          'if-unmodified-since': z.string().optional(),
          'if-none-match': z.string().optional(),
          'if-modified-since': z.string().optional(),
        }),
      },
      responses: {
        200: file('The file', fileHeaders),
        206: file('The range of it', partHeaders),
        302: empty('Where the service is set up so: to a link to the file, good for a short time', {
          location: z.string(),
        }),
        304: empty("The client's copy is still right", fileHeaders),
        ...readErrors(
          ...VIDEO_ERRORS,
          'unsupported_variant',
          'video_not_ready',
          'video_generation_failed',
          'video_expired',
          'precondition_failed',
          'range_not_satisfiable',
        ),
      },
    },
  },
  '/v1/videos/{id}/preview': {
    get: {
      operationId: 'previewVideo',
      summary: 'How a running video looks so far',
      tags,
      requestParams: { ...videoPath, header: z.object({ 'if-none-match': z.string().optional() }) },
      responses: {
        200: answer('A small picture', 'image/jpeg', bytes, previewHeaders),
        304: empty("The client's copy is still right", previewHeaders),
        ...readErrors(...VIDEO_ERRORS, 'preview_not_available', 'precondition_failed'),
      },
    },
  },
  '/v1/videos/{id}/events': {
    get: {
      operationId: 'streamVideo',
      summary: 'A video as server-sent events',
      description:
        '`event: video` with the Video object as data, at once and at every change; `event: end` after the final one, and the stream closes. A comment every 15 s.',
      tags,
      requestParams: {
        ...videoPath,
        header: z.object({
          'last-event-id': z
            .string()
            .optional()
            .meta({ description: 'Id of the last event that the client has seen.' }),
        }),
      },
      responses: {
        200: answer('The stream, event by event', 'text/event-stream', eventSchema),
        204: empty('The client has seen the end'),
        ...readErrors(...VIDEO_ERRORS),
      },
    },
  },
};

import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { createVideoBody } from '../spec/create-schema.ts';
import { listVideosFields } from './list-schema.ts';
import { retryVideosFields } from './retry-schema.ts';
import { videoDeletedSchema, videoListSchema, videoSchema } from '../jobs/video-schema.ts';
import { BODY_ERRORS, json, readErrors, VIDEO_ERRORS, writeErrors } from '../http/openapi/answers.ts';
import { pollHeader } from '../http/openapi/headers.ts';
import { body, videoPath } from '../http/openapi/requests.ts';

const tags = ['Videos'];
const video = (description: string) => json(description, videoSchema, pollHeader);

const idempotencyKey = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/)
  .optional()
  .meta({
    description:
      'Requests with the same key and the same fields are one video, for as long as it is kept; once it is deleted, they are answered with 404. 1 to 255 printable characters.',
  });

/** Jobs: create, list, look, delete, cancel, retry. */
export const videoPaths = (maxPromptChars: number): ZodOpenApiPathsObject => ({
  '/v1/videos': {
    post: {
      operationId: 'createVideo',
      summary: 'Start a video',
      description:
        'Fields that are not known are ignored. `null` and the empty string are the same as leaving a field out.',
      tags,
      requestParams: { header: z.object({ 'idempotency-key': idempotencyKey }) },
      requestBody: { ...body(createVideoBody(maxPromptChars)), required: true },
      responses: {
        200: video('The video, queued'),
        ...writeErrors(
          ...BODY_ERRORS,
          'missing_required_parameter',
          'prompt_refused',
          'deadline_unreachable',
          'queue_too_long',
          'model_not_found',
          'video_not_found',
          'idempotency_conflict',
          'encryption_key_missing',
          'service_unavailable',
        ),
      },
    },
    get: {
      operationId: 'listVideos',
      summary: 'List videos',
      description:
        'In the order of `created_at`, ties in that of ids. Admins see the videos of all accounts, or of `account`; everyone else their own.',
      tags,
      requestParams: { query: listVideosFields },
      responses: {
        200: json('A page', videoListSchema),
        ...readErrors('invalid_value', 'rate_limit_exceeded', 'service_unavailable'),
      },
    },
  },
  '/v1/videos/retry': {
    post: {
      operationId: 'retryVideos',
      summary: 'Retry failed videos, oldest first',
      description:
        'For admins. Cancelled videos are left alone unless `error_code` asks for them, and so is what would be refused alone: by the limits of its account, the policy, or the length of the queue.',
      tags,
      requestBody: { content: { 'application/json': { schema: retryVideosFields } } },
      responses: {
        200: json('The videos that are tried again', videoListSchema),
        ...writeErrors(...BODY_ERRORS, 'permission_denied', 'service_unavailable'),
      },
    },
  },
  '/v1/videos/{id}': {
    get: {
      operationId: 'retrieveVideo',
      summary: 'Look at a video',
      tags,
      requestParams: videoPath,
      responses: { 200: video('The video as it stands; failed ones too'), ...readErrors(...VIDEO_ERRORS) },
    },
    delete: {
      operationId: 'deleteVideo',
      summary: 'Delete a video and its files',
      description: 'Stops the job first, if it still runs.',
      tags,
      requestParams: videoPath,
      responses: { 200: json('It is gone', videoDeletedSchema), ...writeErrors(...VIDEO_ERRORS) },
    },
  },
  '/v1/videos/{id}/cancel': {
    post: {
      operationId: 'cancelVideo',
      summary: 'Stop a video',
      description: 'A finished video stays as it is.',
      tags,
      requestParams: videoPath,
      responses: { 200: video('The video as it stands'), ...writeErrors(...VIDEO_ERRORS) },
    },
  },
  '/v1/videos/{id}/retry': {
    post: {
      operationId: 'retryVideo',
      summary: 'Try a failed video again, from its last checkpoint, where it would be let in as a new one',
      tags,
      requestParams: videoPath,
      responses: {
        200: video('The video, queued'),
        ...writeErrors(...VIDEO_ERRORS, 'video_not_failed', 'prompt_refused', 'queue_too_long'),
      },
    },
  },
});

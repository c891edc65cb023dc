import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { createVideoBody, estimateVideoBody, remixVideoBody } from '../spec/create-schema.ts';
import { videoEstimateSchema } from './estimate-schema.ts';
import { videoSettingsSchema } from './settings-schema.ts';
import { modifyVideo } from '../marks/openapi.ts';
import { listVideosFields } from './list-schema.ts';
import { retryVideosFields } from './retry-video.ts';
import { createdVideoSchema, videoDeletedSchema, videoListSchema, videoSchema } from '../jobs/video-schema.ts';
import { BODY_ERRORS, json, readErrors, VIDEO_ERRORS, writeErrors } from '../http/openapi/answers.ts';
import { pollHeader } from '../http/openapi/headers.ts';
import { body, videoPath } from '../http/openapi/requests.ts';

const tags = ['Videos'];
const mp4 = z.string().meta({ override: { type: 'string', format: 'binary' } });
const video = (description: string) => json(description, videoSchema, pollHeader);

const idempotencyKey = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/)
  .optional()
  .meta({
    description:
      'Requests with the same key and the same fields return the same video while it is kept, and 404 after it was deleted. 1 to 255 printable characters.',
  });

/** Videos: create, estimate, settings of a file, list, get, delete, cancel, remix, retry. */
export const videoPaths = (maxPromptChars: number): ZodOpenApiPathsObject => ({
  '/v1/videos': {
    post: {
      operationId: 'createVideo',
      summary: 'Create a video',
      description:
        'The video is generated in the background: poll it, or stream its events. Unknown fields are ignored. `null` and the empty string are the same as leaving out a field. With `n` above 1 so many videos are created, each with a seed and an id of its own; they are a group, and the answer is its first video. If not all are admitted, none is.',
      tags,
      requestParams: { header: z.object({ 'idempotency-key': idempotencyKey }) },
      requestBody: { ...body(createVideoBody(maxPromptChars)), required: true },
      responses: {
        200: json('The video, queued, or the first of several', createdVideoSchema, pollHeader),
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
        'Sorted by `created_at`, then by id. Admins get the videos of all accounts, or of `account`; other users get their own. With `q` those that have, for each of its words, a word in their prompt that begins so; case and accents do not matter. With `starred` or `tag`, admins who name no account get their own.',
      tags,
      requestParams: { query: listVideosFields },
      responses: {
        200: json('A page of videos', videoListSchema),
        ...readErrors('invalid_value', 'rate_limit_exceeded', 'storage_denied', 'service_unavailable'),
      },
    },
  },
  '/v1/videos/estimate': {
    post: {
      operationId: 'estimateVideo',
      summary: 'Estimate a video',
      description:
        'Says what the same request to create a video would be answered with now: how long it would take, or why it would be refused. Nothing is started. A prompt is not needed.',
      tags,
      requestBody: { ...body(estimateVideoBody(maxPromptChars)), required: true },
      responses: {
        200: json('What the video would take', videoEstimateSchema),
        ...writeErrors(
          ...BODY_ERRORS,
          'prompt_refused',
          'deadline_unreachable',
          'queue_too_long',
          'model_not_found',
          'service_unavailable',
        ),
      },
    },
  },
  '/v1/videos/settings': {
    post: {
      operationId: 'readSettings',
      summary: 'Read the settings in a finished MP4',
      description:
        'Returns what made the video, as its file says. Send the `fields` to create the same video again. The file is read as it comes, and nothing of it is stored.',
      tags,
      requestBody: {
        required: true,
        content: {
          'video/mp4': { schema: mp4 },
          'multipart/form-data': { schema: z.object({ file: mp4 }) },
        },
      },
      responses: {
        200: json('The settings', videoSettingsSchema),
        ...writeErrors(
          'missing_required_parameter',
          'invalid_multipart',
          'invalid_file',
          'settings_not_found',
          'body_too_large',
          'request_timeout',
          'unsupported_media_type',
        ),
      },
    },
  },
  '/v1/videos/retry': {
    post: {
      operationId: 'retryVideos',
      summary: 'Retry failed videos',
      description:
        'For admins. Oldest videos first. Skips cancelled videos, unless `error_code` is `cancelled`, and videos whose own retry would be refused: by the limits of their account, the prompt policy, or the length of the queue.',
      tags,
      requestBody: { content: { 'application/json': { schema: retryVideosFields } } },
      responses: {
        200: json('The retried videos', videoListSchema),
        ...writeErrors(...BODY_ERRORS, 'permission_denied', 'service_unavailable'),
      },
    },
  },
  '/v1/videos/{id}': {
    get: {
      operationId: 'retrieveVideo',
      summary: 'Get a video',
      tags,
      requestParams: videoPath,
      responses: { 200: video('The video, whatever its status'), ...readErrors(...VIDEO_ERRORS) },
    },
    ...modifyVideo,
    delete: {
      operationId: 'deleteVideo',
      summary: 'Delete a video',
      description: 'Deletes its files too. A running video is cancelled first.',
      tags,
      requestParams: videoPath,
      responses: { 200: json('The video is deleted', videoDeletedSchema), ...writeErrors(...VIDEO_ERRORS) },
    },
  },
  '/v1/videos/{id}/cancel': {
    post: {
      operationId: 'cancelVideo',
      summary: 'Cancel a video',
      description: 'Does not change a finished video.',
      tags,
      requestParams: videoPath,
      responses: { 200: video('The video'), ...writeErrors(...VIDEO_ERRORS) },
    },
  },
  '/v1/videos/{id}/remix': {
    post: {
      operationId: 'remixVideo',
      summary: 'Make a video with another prompt',
      description:
        'A new video of the same seed and settings; only the prompt is another one. Other fields of a create are refused.',
      tags,
      requestParams: { ...videoPath, header: z.object({ 'idempotency-key': idempotencyKey }) },
      requestBody: { ...body(remixVideoBody(maxPromptChars)), required: true },
      responses: {
        200: video('The new video, queued'),
        ...writeErrors(
          ...BODY_ERRORS,
          ...VIDEO_ERRORS,
          'missing_required_parameter',
          'prompt_refused',
          'queue_too_long',
          'model_not_found',
          'idempotency_conflict',
        ),
      },
    },
  },
  '/v1/videos/{id}/retry': {
    post: {
      operationId: 'retryVideo',
      summary: 'Retry a failed video',
      description:
        'Goes on from its last checkpoint. The checks of a new video apply: limits, prompt policy, and length of the queue.',
      tags,
      requestParams: videoPath,
      responses: {
        200: video('The video, queued'),
        ...writeErrors(...VIDEO_ERRORS, 'video_not_failed', 'prompt_refused', 'queue_too_long'),
      },
    },
  },
});

import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { videoSchema } from '../jobs/video-schema.ts';
import { BODY_ERRORS, json, readErrors, VIDEO_ERRORS, writeErrors } from '../http/openapi/answers.ts';
import { pollHeader } from '../http/openapi/headers.ts';
import { body, videoPath } from '../http/openapi/requests.ts';
import { listTagsFields, modifyVideoFields, tagListSchema } from './schema.ts';

const tags = ['Stars and tags'];

/** Stars and tags of videos. */
export const markPaths: ZodOpenApiPathsObject = {
  '/v1/tags': {
    get: {
      operationId: 'listTags',
      summary: 'List the tags in use',
      description:
        'Most used first. Admins get those of their own account, or of `account`; other users get their own.',
      tags,
      requestParams: { query: listTagsFields },
      responses: {
        200: json('The tags', tagListSchema),
        ...readErrors('storage_denied', 'service_unavailable'),
      },
    },
  },
};

/** Of a video's own address. */
export const modifyVideo: ZodOpenApiPathsObject[string] = {
  post: {
    operationId: 'modifyVideo',
    summary: 'Star or tag a video',
    description: 'What is left out stays as it is. Whatever its status, a video can have a star and tags.',
    tags,
    requestParams: videoPath,
    requestBody: body(modifyVideoFields),
    responses: {
      200: json('The video', videoSchema, pollHeader),
      ...writeErrors(...BODY_ERRORS, ...VIDEO_ERRORS, 'too_many_marks', 'storage_denied'),
    },
  },
};

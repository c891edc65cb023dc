import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { videoListSchema } from '../jobs/video-schema.ts';
import { json, readErrors, writeErrors } from '../http/openapi/answers.ts';

const tags = ['Groups'];
const requestParams = {
  path: z.object({
    id: z.string().meta({ description: 'Id of the group.', example: 'group_019aa1b2c3d4e5f60718293a4b5c6d7e' }),
  }),
};
const GROUP_ERRORS = ['group_not_found', 'service_unavailable', 'encryption_key_missing', 'unknown_url'] as const;
const group = (description: string) => json(description, videoListSchema);

/** Groups of videos: get, cancel, retry. */
export const groupPaths: ZodOpenApiPathsObject = {
  '/v1/videos/groups/{id}': {
    get: {
      operationId: 'retrieveGroup',
      summary: 'Get the videos of a group',
      description: 'All videos that one request asked for with `n`, in order, without those that were deleted.',
      tags,
      requestParams,
      responses: { 200: group('The videos'), ...readErrors(...GROUP_ERRORS) },
    },
  },
  '/v1/videos/groups/{id}/cancel': {
    post: {
      operationId: 'cancelGroup',
      summary: 'Cancel the videos of a group',
      description: 'Does not change finished videos.',
      tags,
      requestParams,
      responses: { 200: group('The videos'), ...writeErrors(...GROUP_ERRORS) },
    },
  },
  '/v1/videos/groups/{id}/retry': {
    post: {
      operationId: 'retryGroup',
      summary: 'Retry the failed videos of a group',
      description:
        'Each goes on from its last checkpoint. The checks of a new video apply to each; where only some pass, they are the first ones, and where none does, the answer is the error.',
      tags,
      requestParams,
      responses: {
        200: group('The videos'),
        ...writeErrors(...GROUP_ERRORS, 'video_not_found', 'video_not_failed', 'prompt_refused', 'queue_too_long'),
      },
    },
  },
};

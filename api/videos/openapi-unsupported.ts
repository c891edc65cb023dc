import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { readErrors, writeErrors } from '../http/openapi/answers.ts';
import { videoPath } from '../http/openapi/requests.ts';

const described = (operationId: string) => ({
  operationId,
  summary: 'Not supported: this service generates videos from text only',
  tags: ['Unsupported'],
});
const write = (operationId: string) => ({
  post: { ...described(operationId), responses: writeErrors('unsupported_endpoint') },
});

/** Endpoints of OpenAI's API that this service refuses. */
export const unsupportedPaths: ZodOpenApiPathsObject = {
  '/v1/videos/edits': write('editVideo'),
  '/v1/videos/extensions': write('extendVideo'),
  '/v1/videos/characters': write('createCharacter'),
  '/v1/videos/characters/{id}': {
    get: {
      ...described('retrieveCharacter'),
      requestParams: { path: z.object({ id: z.string() }) },
      responses: readErrors('unsupported_endpoint', 'unknown_url'),
    },
  },
  '/v1/videos/{id}/remix': {
    post: {
      ...described('remixVideo'),
      requestParams: videoPath,
      responses: writeErrors('unsupported_endpoint', 'unknown_url'),
    },
  },
};

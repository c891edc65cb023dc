import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { ApiError } from '../errors/errors.ts';
import { readErrors, writeErrors } from '../http/openapi/answers.ts';

/** What OpenAI's clients can call beyond text to video, and its paths. */
const UNSUPPORTED: Record<string, string[]> = {
  edits: ['/videos/edits'],
  extensions: ['/videos/extensions'],
  characters: ['/videos/characters', '/videos/characters/:id'],
};

/** Says by name what is not there. Mounted before `/videos/:id`, which would take `edits` for an id. */
export function unsupportedRoutes(): Router {
  const router = Router();
  for (const [what, paths] of Object.entries(UNSUPPORTED)) {
    router.all(paths, () => {
      throw new ApiError('unsupported_endpoint', {
        message: `This server does not support video ${what}. Supported: create, retrieve, list, delete, content.`,
      });
    });
  }
  return router;
}

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
};

import { Router } from 'express';
import { ApiError } from '../errors/errors.ts';

/** What OpenAI's clients can call beyond text to video, and its paths. */
const UNSUPPORTED: Record<string, string[]> = {
  edits: ['/videos/edits'],
  extensions: ['/videos/extensions'],
  characters: ['/videos/characters', '/videos/characters/:id'],
  remix: ['/videos/:id/remix'],
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

import { Router } from 'express';
import { readBody } from '../http/body/body.ts';
import { noConditions } from '../http/conditional.ts';
import { methodNotAllowed } from '../http/error-handler.ts';
import type { PromptDeps } from './deps.ts';
import { enhanceHandler } from './enhance.ts';
import { tokensHandler } from './tokens.ts';

/** What is asked about a prompt before there is a video: these before `/videos/:id`, which would take the word for an id. */
export function promptRoutes(deps: PromptDeps): Router {
  const router = Router();
  const body = readBody(deps.limits.bodyBytes, deps.limits.bodyTimes);
  router.route('/videos/tokens').post(noConditions, body, tokensHandler(deps)).all(methodNotAllowed('POST'));
  router.route('/videos/enhance').post(noConditions, body, enhanceHandler(deps)).all(methodNotAllowed('POST'));
  return router;
}

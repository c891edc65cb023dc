import { randomInt } from 'node:crypto';
import { type Response, Router } from 'express';
import type { AppDeps } from '../app.ts';
import { accountOf, viewerOf } from '../accounts/viewer.ts';
import { readBody } from '../body.ts';
import { methodNotAllowed } from '../http/method-not-allowed.ts';
import { specOf } from '../mapping/spec.ts';
import { parseCreateVideo } from '../schemas/create-video.ts';
import { newVideoId } from '../videos/video-id.ts';
import type { Video } from '../videos/video-object.ts';
import { contentHandler } from './content.ts';
import { eventsHandler } from './events.ts';

/** What Python's `create_and_poll` waits between two looks; it parses an integer and reads only the first. */
const POLL_AFTER_MS = '2000';
/** Seeds that are drawn: 32 bits are easy to copy by hand. */
const drawSeed = () => randomInt(2 ** 32);

/** `/videos`: create, retrieve, content, events, cancel. */
export function videoRoutes(deps: AppDeps): Router {
  const { videos, usage, policy, profile, artefacts, limits, aliases, stopping } = deps;
  const router = Router();

  router
    .route('/videos')
    .post(readBody(limits.bodyBytes), async (req, res) => {
      const fields = parseCreateVideo(req.body, limits.promptChars);
      const { spec, warnings } = specOf(fields, { profile, aliases, drawSeed });
      const account = accountOf(res);
      await policy.check({ ...spec, accountId: account.id });
      const createdAt = Date.now();
      const input = {
        videoId: newVideoId(createdAt),
        accountId: account.id,
        spec,
        warnings,
        createdAt: Math.floor(createdAt / 1000),
      };
      send(res, await usage.admit(account, input.videoId, () => videos.create(input)));
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/videos/:id')
    .get(async (req, res) => {
      send(res, (await videos.get(req.params.id, viewerOf(res))).video);
    })
    .all(methodNotAllowed('GET'));

  router.route('/videos/:id/content').get(contentHandler(videos, artefacts)).all(methodNotAllowed('GET'));

  router.route('/videos/:id/events').get(eventsHandler(videos, stopping)).all(methodNotAllowed('GET'));

  router
    .route('/videos/:id/cancel')
    .post(async (req, res) => {
      send(res, await videos.cancel(req.params.id, viewerOf(res)));
    })
    .all(methodNotAllowed('POST'));

  return router;
}

function send(res: Response, video: Video): void {
  res.setHeader('cache-control', 'no-store');
  if (video.status === 'queued' || video.status === 'in_progress') res.setHeader('openai-poll-after-ms', POLL_AFTER_MS);
  res.json(video);
}

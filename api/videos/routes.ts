import { Router } from 'express';
import type { VideosDeps } from './deps.ts';
import { adminsOnly, viewerOf } from '../accounts/viewer.ts';
import { readBody } from '../http/body/body.ts';
import { noConditions } from '../http/conditional.ts';
import { methodNotAllowed } from '../http/error-handler.ts';
import { parseListVideos } from './list-schema.ts';
import { parseRetryVideos, retryFailed, retryVideo } from './retry-video.ts';
import { Admission } from '../admission/admission.ts';
import { archiveHandler } from './archive.ts';
import { contentHandler } from './content.ts';
import { createVideoHandler, remixVideoHandler } from './create-video.ts';
import { estimateVideoHandler } from './estimate-video.ts';
import { eventsHandler } from './events.ts';
import { cancelGroup, groupOf, retryGroup } from './groups.ts';
import { modifyVideoHandler } from './modify-video.ts';
import { previewHandler } from './preview.ts';
import { readSettingsHandler } from './read-settings.ts';
import { sendVideo } from './send-video.ts';

/** `/videos`: create, estimate, settings of a file, archive, list, groups, retrieve, modify, delete, content, preview, events, cancel, remix, retry. */
export function videoRoutes(deps: VideosDeps): Router {
  const { videos, scratch, limits } = deps;
  const router = Router();
  const body = readBody(limits.bodyBytes, limits.bodyTimes);
  const admission = new Admission(deps);
  const retrying = { videos, admission };

  router
    .route('/videos')
    .post(noConditions, body, createVideoHandler(deps, admission))
    .get(async (req, res) => {
      res.setHeader('cache-control', 'no-store');
      res.json(await videos.list(parseListVideos(req.query), viewerOf(res)));
    })
    .all(methodNotAllowed('GET', 'POST'));

  // These before `/videos/:id`, which would take the word for an id.
  router
    .route('/videos/estimate')
    .post(noConditions, body, estimateVideoHandler(deps, admission))
    .all(methodNotAllowed('POST'));

  router.route('/videos/settings').post(noConditions, readSettingsHandler(deps)).all(methodNotAllowed('POST'));

  router.route('/videos/archive').get(archiveHandler(deps)).all(methodNotAllowed('GET'));

  router
    .route('/videos/retry')
    .post(adminsOnly, noConditions, body, async (req, res) => {
      res.json(await retryFailed(retrying, parseRetryVideos(req.body as Record<string, unknown>), viewerOf(res)));
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/videos/groups/:id')
    .get(async (req, res) => {
      res.setHeader('cache-control', 'no-store');
      res.json(await groupOf(videos, req.params.id, viewerOf(res), true));
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/videos/groups/:id/cancel')
    .post(noConditions, async (req, res) => {
      res.json(await cancelGroup(videos, req.params.id, viewerOf(res)));
    })
    .all(methodNotAllowed('POST'));
  router
    .route('/videos/groups/:id/retry')
    .post(noConditions, async (req, res) => {
      res.json(await retryGroup(retrying, req.params.id, viewerOf(res)));
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/videos/:id')
    .get(async (req, res) => {
      sendVideo(res, (await videos.get(req.params.id, viewerOf(res), true)).video);
    })
    .post(noConditions, body, modifyVideoHandler(deps))
    .delete(noConditions, async (req, res) => {
      await videos.remove(req.params.id, viewerOf(res));
      res.json({ id: req.params.id, object: 'video.deleted', deleted: true });
    })
    .all(methodNotAllowed('GET', 'POST', 'DELETE'));

  router.route('/videos/:id/content').get(contentHandler(deps)).all(methodNotAllowed('GET'));
  router.route('/videos/:id/preview').get(previewHandler(videos, scratch)).all(methodNotAllowed('GET'));
  router.route('/videos/:id/events').get(eventsHandler(deps)).all(methodNotAllowed('GET'));

  router
    .route('/videos/:id/cancel')
    .post(noConditions, async (req, res) => {
      sendVideo(res, await videos.cancel(req.params.id, viewerOf(res)));
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/videos/:id/remix')
    .post(noConditions, body, remixVideoHandler(deps, admission))
    .all(methodNotAllowed('POST'));

  router
    .route('/videos/:id/retry')
    .post(noConditions, async (req, res) => {
      const { id } = req.params;
      sendVideo(res, await retryVideo(retrying, id, viewerOf(res)));
    })
    .all(methodNotAllowed('POST'));

  return router;
}

import { type Request, type RequestHandler, Router } from 'express';
import { viewerOf } from '../accounts/viewer.ts';
import { ApiError } from '../errors/errors.ts';
import { readBody } from '../http/body/body.ts';
import type { BodyTimes } from '../http/body/read-bytes.ts';
import { noConditions } from '../http/conditional.ts';
import { methodNotAllowed } from '../http/error-handler.ts';
import { originOf } from './origin.ts';
import { parseCreateShare, type VideoShare } from './schema.ts';
import type { StoredShare } from './share-store.ts';
import type { Sharing } from './sharing.ts';

const OFF = 'This server makes no share links: its operator can set SHARE_KEYS_FILE.';

/**
 * `/videos/:id/share` and `/videos/:id/shares`: make, list and revoke links.
 *
 * @param sharing null where there are no keys for it: then they are refused by name
 */
export function shareRoutes(
  sharing: Sharing | null,
  limits: { bodyBytes: number; bodyTimes?: BodyTimes | undefined },
): Router {
  const router = Router();
  if (sharing === null) {
    const off: RequestHandler = () => {
      throw new ApiError('unsupported_endpoint', { message: OFF });
    };
    return router.all(['/videos/:id/share', '/videos/:id/shares', '/videos/:id/shares/:share_id'], off);
  }
  const shown = (req: Request, share: StoredShare): VideoShare => {
    const path = `/share/${sharing.linkOf(share)}`;
    return {
      id: share.id,
      object: 'video.share',
      video_id: share.videoId,
      url: `${originOf(req)}${path}`,
      path,
      created_at: share.createdAt,
      expires_at: share.expiresAt,
      show_prompt: share.showPrompt,
    };
  };

  router
    .route('/videos/:id/share')
    .post(noConditions, readBody(limits.bodyBytes, limits.bodyTimes), async (req, res) => {
      const asked = parseCreateShare(req.body as Record<string, unknown>);
      const share = await sharing.create(req.params.id, asked, viewerOf(res));
      res.set('cache-control', 'no-store').json(shown(req, share));
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/videos/:id/shares')
    .get(async (req, res) => {
      const data = (await sharing.list(req.params.id, viewerOf(res))).map((share) => shown(req, share));
      const [first_id, last_id] = [data[0]?.id ?? null, data.at(-1)?.id ?? null];
      res.set('cache-control', 'no-store').json({ object: 'list', data, first_id, last_id, has_more: false });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/videos/:id/shares/:share_id')
    .delete(noConditions, async (req, res) => {
      const { id, share_id: share } = req.params;
      await sharing.revoke(id, share, viewerOf(res));
      res.json({ id: share, object: 'video.share.deleted', deleted: true });
    })
    .all(methodNotAllowed('DELETE'));
  return router;
}

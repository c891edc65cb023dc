import { Router } from 'express';
import { viewerOf } from '../accounts/viewer.ts';
import { parseFields } from '../http/fields.ts';
import { methodNotAllowed } from '../http/error-handler.ts';
import { tagsInUse } from './account-marks.ts';
import type { Marks } from './marks.ts';
import { listTagsFields, type TagList } from './schema.ts';

/** `/tags`: those of the viewer's videos; an admin may ask for another account's. */
export function tagRoutes({ marks }: { marks: Marks }): Router {
  const router = Router();
  router
    .route('/tags')
    .get(async (req, res) => {
      const { admin, accountId } = viewerOf(res);
      const { account } = parseFields(listTagsFields, req.query);
      const data = tagsInUse(await marks.of((admin ? account : undefined) ?? accountId));
      res.set('cache-control', 'no-store').json({ object: 'list', data } satisfies TagList);
    })
    .all(methodNotAllowed('GET'));
  return router;
}

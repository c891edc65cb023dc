import { Router } from 'express';
import type { AppDeps } from '../app-deps.ts';
import { methodNotAllowed } from '../http/method-not-allowed.ts';

/** `/metrics`: what Prometheus asks for. */
export function metricsRoutes({ metrics }: AppDeps): Router {
  const router = Router();
  router
    .route('/metrics')
    .get(async (_req, res) => {
      // A Buffer, so that Express leaves the content type as it is.
      res.set({ 'content-type': metrics.contentType, 'cache-control': 'no-store' });
      res.send(Buffer.from(await metrics.metrics()));
    })
    .all(methodNotAllowed('GET'));
  return router;
}

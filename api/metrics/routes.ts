import { Router } from 'express';
import type { Registry } from 'prom-client';
import { methodNotAllowed } from '../http/error-handler.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';

/** Scrapes within that time, in ms, are answered together: they need no key. */
const SHARED_MS = 100;

/** `/metrics`: what Prometheus asks for. */
export function metricsRoutes({ metrics }: { metrics: Registry }): Router {
  const router = Router();
  const texts = new SingleFlightCache<Buffer>(SHARED_MS);
  router
    .route('/metrics')
    .get(async (_req, res) => {
      // A Buffer, so that Express leaves the content type as it is.
      const text = await texts.next('', async () => Buffer.from(await metrics.metrics()));
      res.set({ 'content-type': metrics.contentType, 'cache-control': 'no-store' });
      res.send(text);
    })
    .all(methodNotAllowed('GET'));
  return router;
}

import { Router } from 'express';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Temporal } from '../jobs/temporal.ts';
import type { Overview } from './overview.ts';
import { ApiError } from '../errors/errors.ts';
import { methodNotAllowed } from '../http/error-handler.ts';
import { Readiness } from './readiness.ts';
import type { Health, Ready } from './schema.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';

/** Probes within that time, in ms, are answered together: they need no key. */
const SHARED_MS = 250;

interface HealthDeps {
  temporal: Temporal;
  artefacts: ObjectStore;
  scratch: ObjectStore;
  overview: Overview;
  /** Aborted when the process is asked to stop. */
  stopping: AbortSignal;
}

/** `/healthz`: the process turns, with numbers that wait for nothing. `/readyz`: it can take requests, and what is away for now. */
export function healthRoutes({ temporal, artefacts, scratch, overview, stopping }: HealthDeps): Router {
  const router = Router();
  const numbers = new SingleFlightCache<Health>(SHARED_MS);
  const readiness = new Readiness(temporal, { artefact: artefacts, scratch });
  router
    .route('/healthz')
    .get(async (_req, res) => {
      const health = await numbers.get('', () => Promise.resolve(overview.health));
      res.set('cache-control', 'no-store').json(health);
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/readyz')
    .get(async (_req, res) => {
      const { ready, missing } = await readiness.check();
      const now = stopping.aborted ? [...missing, 'the process is stopping'] : [...missing];
      if (!ready || stopping.aborted) {
        throw new ApiError('service_unavailable', { message: `Not ready: ${now.join('; ')}.` });
      }
      res.set('cache-control', 'no-store').json({ status: 'ok', missing: now } satisfies Ready);
    })
    .all(methodNotAllowed('GET'));
  return router;
}

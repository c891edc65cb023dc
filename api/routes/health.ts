import { Router } from 'express';
import { deniedIn } from '../../storage/denied.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { AppDeps } from '../app-deps.ts';
import { within } from '../deadline.ts';
import { ApiError } from '../errors.ts';
import { methodNotAllowed } from '../http/method-not-allowed.ts';
import type { Health } from '../schemas/health.ts';
import { SharedAnswers } from '../shared-answers.ts';

/** The longest that a probe waits for the store, in ms. */
const STORE_TIMEOUT_MS = 5_000;

/** Probes within that time, in ms, are answered together: anybody may ask, however often. */
const SHARED_MS = 250;

/** `/healthz`: the process turns, with numbers that wait for nothing. `/readyz`: it can serve, for which it needs Temporal and the artefact store. */
export function healthRoutes({ temporal, artefacts, overview, stopping }: AppDeps): Router {
  const router = Router();
  const numbers = new SharedAnswers<Health>(SHARED_MS);
  const faults = new SharedAnswers<string[]>(SHARED_MS);
  router
    .route('/healthz')
    .get(async (_req, res) => {
      const health = await numbers.recent('', () => Promise.resolve(overview.health));
      res.set('cache-control', 'no-store').json(health);
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/readyz')
    .get(async (_req, res) => {
      const missing = await faults.next('', async () => {
        const [temporalFault, storeFault] = await Promise.all([
          faultOf(temporal.check()),
          faultOf(readable(artefacts)),
        ]);
        const denied = deniedIn(storeFault);
        return [
          ...(temporalFault ? ['Temporal does not answer'] : []),
          ...(storeFault
            ? [denied ? `the artefact store refuses ${denied.permission}` : 'the artefact store cannot be used']
            : []),
          ...(stopping.aborted ? ['the process is stopping'] : []),
        ];
      });
      if (missing.length > 0) {
        throw new ApiError('service_unavailable', { message: `Not ready: ${missing.join('; ')}.` });
      }
      res.set('cache-control', 'no-store').json({ status: 'ok' });
    })
    .all(methodNotAllowed('GET'));
  return router;
}

/** The API only reads the store, and may have no right to do more. */
async function readable(store: ObjectStore): Promise<void> {
  const looks = async () => {
    await store.list('readyz/')[Symbol.asyncIterator]().next();
    await store.head('readyz/probe');
  };
  await within(STORE_TIMEOUT_MS, looks(), () => new Error('no answer'));
}

const faultOf = (check: Promise<void>) =>
  check.then(
    () => null,
    (error: unknown) => error as Error,
  );

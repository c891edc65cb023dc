import express, { type Express } from 'express';
import { ownHostsOnly } from './accounts/open-mode.ts';
import { AddressRate } from './http/address-rate.ts';
import { limitRequestRate } from './accounts/request-rate.ts';
import { identify } from './accounts/viewer.ts';
import type { AppDeps } from './app-deps.ts';
import { audited } from './audit/audited.ts';
import { ApiError } from './errors/errors.ts';
import { httpMetrics } from './metrics/http-metrics.ts';
import { compressed } from './http/compression.ts';
import { allowPagesOf } from './http/cross-origin.ts';
import { errorHandler } from './http/error-handler.ts';
import { requestId, requestLog } from './http/request-log.ts';
import { requestTracing } from './http/request-tracing.ts';
import { singleFields } from './http/single-fields.ts';
import { accountRoutes } from './accounts/routes.ts';
import { codecRoutes } from './codec/routes.ts';
import { docsRoutes } from './docs/routes.ts';
import { healthRoutes } from './health/routes.ts';
import { metricsRoutes } from './metrics/routes.ts';
import { tagRoutes } from './marks/routes.ts';
import { modelRoutes } from './models/routes.ts';
import { pageRoutes } from './docs/page.ts';
import { promptRoutes } from './prompts/routes.ts';
import { shareRoutes } from './sharing/routes.ts';
import { Sharing } from './sharing/sharing.ts';
import { visitRoutes } from './sharing/visits.ts';
import { unsupportedRoutes } from './videos/unsupported.ts';
import { videoRoutes } from './videos/routes.ts';
import { workerRoutes } from './workers/routes.ts';

/** Wrong keys, or links, that an address may send a minute, unless it is said otherwise. */
const FAILED_KEYS = 60;
/** The same, of requests for shared videos. */
const SHARE_VISITS = 600;

/** The HTTP API, without listening. */
export function buildApp(deps: AppDeps): Express {
  const app = express();
  app
    .disable('x-powered-by')
    .disable('etag')
    .set('trust proxy', deps.trustedProxies ?? []);
  const { failedKeys = FAILED_KEYS, shareVisits = SHARE_VISITS } = deps.limits;
  // A right key is taken however many wrong ones came with it.
  const failed = new AddressRate('wrong API keys', failedKeys);
  const sharing = deps.shareKeys ? new Sharing(deps, deps.shareKeys) : null;
  app.use(requestId, requestTracing, requestLog(deps.log), httpMetrics(deps.metrics), (_req, res, next) => {
    res.setHeader('x-content-type-options', 'nosniff');
    next();
  });
  app.use(['/v1', '/metrics', '/openapi.json'], compressed());
  app.use(singleFields, healthRoutes(deps), metricsRoutes(deps));
  if (deps.audit) app.use(['/v1', '/codec'], audited(deps.audit.log, deps.audit.address, deps.stopping));
  app.use(
    '/v1',
    ...(deps.ownHosts ? [ownHostsOnly(deps.ownHosts)] : []),
    identify(deps.accounts, failed),
    limitRequestRate(),
    accountRoutes(deps),
    workerRoutes(deps),
    unsupportedRoutes(),
    modelRoutes(deps),
    promptRoutes(deps),
    videoRoutes(deps),
    tagRoutes(deps),
    shareRoutes(sharing, deps.limits),
  );
  app.use(
    '/codec',
    allowPagesOf(deps.temporalUiUrl),
    ...(deps.ownHosts ? [ownHostsOnly(deps.ownHosts, deps.temporalUiUrl)] : []),
    codecRoutes(deps, failed),
  );
  app.use(
    visitRoutes({ ...deps, sharing, limits: { visits: shareVisits, badLinks: failedKeys } }),
    docsRoutes(deps),
    pageRoutes(deps.delivery?.origin),
  );
  app.use(() => {
    throw new ApiError('unknown_url');
  });
  app.use(errorHandler(deps.log));
  return app;
}

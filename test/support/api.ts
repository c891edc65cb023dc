import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Express } from 'express';
import { Registry } from 'prom-client';
import type { AppDeps } from '../../api/app-deps.ts';
import { buildApp } from '../../api/app.ts';
import { AccountUsage } from '../../api/accounts/usage.ts';
import { inBackground } from '../../api/background.ts';
import { listen } from '../../api/http/listen.ts';
import { policyEnv } from '../../api/policy/config.ts';
import { estimateMetrics } from '../../api/metrics/estimate-metrics.ts';
import { queueMetrics } from '../../api/metrics/queue-metrics.ts';
import { openPromptPolicy } from '../../api/policy/prompt-policy.ts';
import { Estimator } from '../../api/queue/estimator.ts';
import { JobQueue } from '../../api/queue/job-queue.ts';
import { WorkerDirectory } from '../../api/workers/directory.ts';
import { Overview } from '../../api/workers/overview.ts';
import { createTemporal } from '../../api/temporal.ts';
import { VideoService } from '../../api/videos/video-service.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { LocalStore } from '../../storage/local.ts';
import { createLogger } from '../../temporal/logger.ts';
import { MOCHI_1_PROFILE } from '../../workflows/model-profile.ts';
import { openAccounts } from './accounts.ts';
import { assertAsDescribed, checkResponse } from './checked-responses.ts';

export interface TestApi {
  /** `http://127.0.0.1:port` */
  url: string;
  app: Express;
  scratch: LocalStore;
  artefacts: ObjectStore;
  /** Requests that came so far, as `METHOD /path`. */
  requests: string[];
  stop(): Promise<void>;
}

export interface TestApiOptions extends Partial<Omit<AppDeps, 'limits'>> {
  /** @default small texts, a line of any length */
  limits?: Partial<AppDeps['limits']>;
  /** @default none: Temporal is down */
  client?: () => Client | null;
  /** @default 5000 */
  timeoutMs?: number;
  /** Time between two looks at the whole service. @default 5000, as in production */
  lookEveryMs?: number;
}

/** Time between two looks for videos that have finished; short, for tests that wait for them. */
const LEARN_EVERY_MS = 500;

/**
 * The API on a free port, with a store of finished videos in a temporary folder. Every response is held to the API's
 * description.
 */
export async function startTestApi({
  client = () => null,
  timeoutMs = 5000,
  lookEveryMs = 5000,
  artefacts: given,
  limits,
  ...deps
}: TestApiOptions = {}): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-api-'));
  const scratch = new LocalStore(join(folder, 'scratch'));
  const artefacts = given ?? new LocalStore(join(folder, 'artefacts'));
  const temporal = createTemporal(client, timeoutMs);
  const requests: string[] = [];
  const profile = deps.profile ?? MOCHI_1_PROFILE;
  const metrics = new Registry();
  const estimator = new Estimator(temporal, profile, estimateMetrics(metrics));
  const workers = new WorkerDirectory(temporal);
  const queue = new JobQueue(temporal, estimator, workers);
  queueMetrics(metrics, queue);
  const overview = new Overview(temporal, queue, workers);
  const videos = new VideoService(temporal, queue);
  const log = createLogger('api', 'silent');
  const stopping = new AbortController();
  const app = buildApp({
    temporal,
    accounts: await openAccounts(),
    policy: await openPromptPolicy(policyEnv.parse({}), log),
    videos,
    queue,
    workers,
    overview,
    usage: new AccountUsage(temporal, videos),
    scratch,
    artefacts,
    profile,
    modelCreatedAt: 1_790_000_000,
    aliases: [],
    keepHours: 168,
    stopping: stopping.signal,
    metrics,
    log,
    ...deps,
    limits: { bodyBytes: 100_000, promptChars: 4000, queueWaitS: null, eventStreams: 100, ...limits },
  });
  void inBackground(() => estimator.learn(), LEARN_EVERY_MS, stopping.signal);
  void inBackground(() => overview.refresh(), lookEveryMs, stopping.signal);
  const server = await listen(
    (request, response) => {
      requests.push(`${request.method} ${request.url}`);
      checkResponse(request, response);
      app(request, response);
    },
    '127.0.0.1',
    0,
  );
  return {
    url: server.url,
    app,
    scratch,
    artefacts,
    requests,
    stop: async () => {
      stopping.abort();
      await server.close(0);
      await rm(folder, { recursive: true, force: true });
      assertAsDescribed();
    },
  };
}

import type { Client } from '@temporalio/client';
import type { Registry } from 'prom-client';
import type { ObjectStore } from '../storage/object-store.ts';
import type { ModelProfile } from '../contract/model-profile.ts';
import { AccountSlots } from './admission/slots.ts';
import { AccountUsage } from './admission/usage.ts';
import type { AppDeps } from './app-deps.ts';
import { inBackground } from '../platform/flow/background.ts';
import { estimateMetrics } from './metrics/estimate-metrics.ts';
import { queueMetrics } from './metrics/queue-metrics.ts';
import { Estimator } from './queue/estimator.ts';
import { JobQueue } from './queue/job-queue.ts';
import { UnlistedVideos } from './jobs/unlisted-videos.ts';
import { createTemporal } from './jobs/temporal.ts';
import { Marks } from './marks/marks.ts';
import { VideoCache } from './videos/video-cache.ts';
import { VideoService } from './videos/video-service.ts';
import { VideoStarts } from './videos/video-starts.ts';
import { WorkerRegistry } from './workers/registry.ts';
import { Overview } from './health/overview.ts';

/** What answers the routes' questions of Temporal, put together. */
export interface ApiCore {
  /** For the routes. */
  deps: Pick<
    AppDeps,
    | 'temporal'
    | 'slots'
    | 'usage'
    | 'videos'
    | 'starts'
    | 'queue'
    | 'workers'
    | 'overview'
    | 'profile'
    | 'metrics'
    | 'marks'
  >;
  /** Keeps what is known of finished videos and of the whole service fresh until `signal`. */
  keepFresh(every: { learnMs: number; refreshMs: number }, signal: AbortSignal): void;
}

/**
 * @param client null while there is no connection
 * @param timeoutMs longest wait for one answer of Temporal
 * @param metrics is given the queue's and the estimates' figures
 * @param scratch where workers are recorded
 * @param artefacts where stars and tags are kept
 */
export function createCore(
  client: () => Client | null,
  timeoutMs: number,
  profile: ModelProfile,
  metrics: Registry,
  { scratch, artefacts }: { scratch: ObjectStore; artefacts: ObjectStore },
): ApiCore {
  const temporal = createTemporal(client, timeoutMs);
  const estimator = new Estimator(temporal, profile, estimateMetrics(metrics));
  const workers = new WorkerRegistry(temporal, scratch);
  const unlisted = new UnlistedVideos();
  const queue = new JobQueue(temporal, estimator, workers, unlisted);
  queueMetrics(metrics, queue);
  const slots = new AccountSlots(temporal, timeoutMs);
  const overview = new Overview(temporal, queue, workers);
  const cache = new VideoCache(temporal, queue);
  const marks = new Marks(artefacts);
  const videos = new VideoService(temporal, unlisted, cache, marks);
  return {
    deps: {
      temporal,
      slots,
      usage: new AccountUsage(slots, videos, unlisted),
      videos,
      starts: new VideoStarts(temporal, queue, unlisted, cache),
      queue,
      workers,
      overview,
      profile,
      metrics,
      marks,
    },
    keepFresh({ learnMs, refreshMs }, signal) {
      void inBackground(() => estimator.learn(), learnMs, signal);
      void inBackground(() => overview.refresh(), refreshMs, signal);
    },
  };
}

import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { cleanUpVideo } from '../../../activities/clean-up.ts';
import { expiryActivities } from '../../../activities/expiry.ts';
import { groupActivities } from '../../../activities/groups.ts';
import { removalActivities } from '../../../activities/removal.ts';
import { reservationActivities } from '../../../activities/reservations.ts';
import { keys, VARIANT_FILES } from '../../../storage/keys.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { workflowBundle } from '../../../temporal/bundle.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { type GenerateVideoInput, generatedShape } from '../../../contract/video-job.ts';
import { failure } from '../../../contract/failure.ts';
import type { GenerateHeartbeat } from '../../../contract/progress.ts';
import type { GenerateResult, StoredFile, Variant } from '../../../contract/results.ts';
import type {
  CpuActivities,
  ExpiryActivities,
  ExportActivities,
  GroupActivities,
  GpuActivities,
  RemovalActivities,
  ReservationActivities,
  WebhookActivities,
} from '../../../contract/activities.ts';
import { TASK_QUEUES } from '../../../contract/names.ts';
import { NO_WEBHOOKS } from './accounts.ts';
import { WorkerPool } from './worker-pool.ts';

/** What `generate` does; `beat` sends a heartbeat at once, with what is not given left at its beginning. */
export type Generate = (input: GenerateVideoInput, beat: (change: Partial<GenerateHeartbeat>) => void) => Promise<void>;

/** Small files in place of a video's three; their first bytes say which is which. */
export const contentOf = (videoId: string, variant: Variant): Buffer =>
  Buffer.concat([Buffer.from(`${variant} of ${videoId}\n`), Buffer.alloc(5000, variant)]);

const log = createLogger('test', 'silent');

/**
 * The real workflow with stand-in activities: a video is three small files, and `generate` does what a test says. For
 * tests of what is around the line; the line itself has its own.
 */
export class StandInWorkers {
  /** Set by each test. */
  generate: Generate = async () => {};
  /** What there is to wait for before the files are published; set by each test. */
  published: (videoId: string) => Promise<void> = async () => {};
  /** What `makeExport` does; set by each test. */
  makeExport: ExportActivities['makeExport'] = () =>
    Promise.reject(failure('export_failed', undefined, { retryable: false }));
  readonly #connection: NativeConnection;
  readonly #artefacts: ObjectStore;
  readonly #webhooks: WebhookActivities;
  readonly #pool: WorkerPool;

  /** @param webhooks by default nobody is told anything */
  constructor(connection: NativeConnection, artefacts: ObjectStore, webhooks: WebhookActivities = NO_WEBHOOKS) {
    this.#webhooks = webhooks;
    this.#connection = connection;
    this.#pool = new WorkerPool(connection);
    this.#artefacts = artefacts;
  }

  /** Starts the worker that runs workflows and everything but `generate`. */
  async startCpuWorker(): Promise<void> {
    const codePath = await workflowBundle(log);
    const temporal = new Client({ connection: this.#connection });
    const activities: CpuActivities &
      RemovalActivities &
      ReservationActivities &
      GroupActivities &
      ExpiryActivities &
      WebhookActivities = {
      ...this.#webhooks,
      validate: () => Promise.resolve({ promptTokens: 5, negativePromptTokens: 0, warnings: [] }),
      encode: ({ videoId }) =>
        Promise.resolve(variants((variant) => fileOf(keys.variant(videoId, variant), videoId, variant))),
      upload: async ({ videoId }, encoded) => {
        await this.published(videoId);
        for (const variant of Object.keys(encoded) as Variant[]) {
          await this.#artefacts.put(encoded[variant].key, contentOf(videoId, variant));
        }
        return { artefacts: encoded };
      },
      cleanUp: async (videoId, options) => {
        // One store is both here.
        if (options.artefacts)
          await cleanUpVideo({ scratch: this.#artefacts, artefacts: this.#artefacts }, videoId, options);
      },
      ...removalActivities(() => temporal),
      ...reservationActivities(() => temporal),
      ...groupActivities(() => temporal),
      ...expiryActivities({
        temporal: () => temporal,
        scratch: this.#artefacts,
        artefacts: this.#artefacts,
        logger: log,
      }),
    };
    await this.#pool.start({ taskQueue: TASK_QUEUES.cpu, workflowBundle: { codePath }, activities });
    const makeExport: ExportActivities['makeExport'] = (input) => this.makeExport(input);
    await this.#pool.start({ taskQueue: TASK_QUEUES.exports, activities: { makeExport } });
  }

  /**
   * Starts the worker that runs `generate`. Until then, jobs wait.
   *
   * @param atOnce jobs that it takes at the same time; a real one takes a single one
   */
  async startGpuWorker(atOnce = 100): Promise<void> {
    const activities: GpuActivities = {
      generate: async (input) => {
        const context = Context.current();
        const { attempt } = context.info;
        const startedAt = performance.now();
        await this.generate(input, (change) => context.heartbeat({ ...beginning(input, attempt), ...change }));
        return resultOf(input, (performance.now() - startedAt) / 1000);
      },
    };
    await this.#pool.start({
      taskQueue: TASK_QUEUES.gpu,
      activities,
      maxConcurrentActivityTaskExecutions: atOnce,
      maxHeartbeatThrottleInterval: '50ms',
    });
  }

  async stop(): Promise<void> {
    await this.#pool.stop();
  }
}

/** Waits for the activity's cancel, as a device does between two steps. */
export const untilCancelled = (beat: () => void, everyMs = 50): Promise<never> =>
  new Promise((_, reject) => {
    const { cancellationSignal, cancelled } = Context.current();
    const timer = setInterval(beat, everyMs);
    cancellationSignal.addEventListener('abort', () => clearInterval(timer));
    cancelled.catch(reject);
  });

const variants = (make: (variant: Variant) => StoredFile): Record<Variant, StoredFile> => ({
  video: make('video'),
  thumbnail: make('thumbnail'),
  spritesheet: make('spritesheet'),
});

function fileOf(key: string, videoId: string, variant: Variant): StoredFile {
  const bytes = contentOf(videoId, variant);
  return {
    key,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    contentType: VARIANT_FILES[variant].contentType,
  };
}

const beginning = ({ spec }: GenerateVideoInput, attempt: number): GenerateHeartbeat => ({
  phase: 'loading',
  step: 0,
  steps: spec.numInferenceSteps,
  frames: 0,
  totalFrames: generatedShape(spec).numFrames,
  checkpointKey: null,
  checkpointStep: 0,
  previewStep: null,
  etaSeconds: null,
  attempt,
  crashes: 0,
  clean: false,
});

const resultOf = ({ videoId, spec }: GenerateVideoInput, seconds: number): GenerateResult => ({
  ...generatedShape(spec),
  framesKey: keys.frames(videoId),
  framesSha256: '',
  inferenceTimeS: 1.5,
  peakMemoryMb: 123,
  resumedFromStep: 0,
  device: 'cpu',
  timing: { deviceKind: 'cpu', loadS: 0, denoiseS: seconds * 0.9, decodeS: seconds * 0.1 },
});

/**
 * A worker as Kinora runs them, with stubs for its activities: no model, no files, everything else. `STUB_QUEUE` is the
 * queue that it serves, `STUB_MS` what `generate` takes, `STUB_AT_ONCE` how many of them it takes on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { WorkerOptions } from '@temporalio/worker';
import { z } from 'zod';
import { Heartbeat, HEARTBEAT_INTERVAL_MS } from '../../../gpu-worker/generate/heartbeat.ts';
import { keys } from '../../../storage/keys.ts';
import { workflowBundle } from '../../../temporal/bundle.ts';
import { workerEnv } from '../../../temporal/config.ts';
import { readConfig } from '../../../platform/config/config.ts';
import { openEncryption } from '../../../temporal/encryption/payload-encryption.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { createRegistry } from '../../../platform/metrics/registry.ts';
import { runProcess } from '../../../platform/process/run-process.ts';
import { WorkerReport } from '../../../temporal/worker-report.ts';
import { runWorker } from '../../../temporal/worker.ts';
import { generatedShape } from '../../../contract/video-job.ts';
import type { StoredFile } from '../../../contract/results.ts';
import type { CpuActivities, GpuActivities, WebhookActivities } from '../../../contract/activities.ts';
import { TASK_QUEUES } from '../../../contract/names.ts';
import { NO_WEBHOOKS } from '../../harness/services/accounts.ts';
import { note } from './notes.ts';

const env = z.object({
  ...workerEnv.shape,
  STUB_QUEUE: z.enum(['cpu', 'gpu']),
  STUB_MS: z.coerce.number().default(0),
  STUB_AT_ONCE: z.coerce.number().default(1),
  NOTES_FILE: z.string(),
});
const config = readConfig(env);
const log = createLogger('stub-worker', config.LOG_LEVEL);

const file: StoredFile = { key: 'k', bytes: 1, sha256: '', contentType: 'x/y' };
const files = { video: file, thumbnail: file, spritesheet: file };

const cpu: CpuActivities & WebhookActivities = {
  ...NO_WEBHOOKS,
  validate: async ({ videoId }) => {
    note(config.NOTES_FILE, 'validated', videoId);
    return { promptTokens: 1, negativePromptTokens: 1, warnings: [] };
  },
  encode: () => Promise.resolve(files),
  upload: () => Promise.resolve({ artefacts: files }),
  cleanUp: async (videoId) => note(config.NOTES_FILE, 'done', videoId),
};

const gpu: GpuActivities = {
  generate: async ({ videoId, spec }) => {
    note(config.NOTES_FILE, 'started', videoId);
    const context = Context.current();
    const shape = generatedShape(spec);
    const heartbeat = new Heartbeat(
      {
        phase: 'loading',
        step: 0,
        steps: spec.numInferenceSteps,
        frames: 0,
        totalFrames: shape.numFrames,
        checkpointKey: null,
        checkpointStep: 0,
        previewStep: null,
        etaSeconds: null,
        attempt: context.info.attempt,
        crashes: 0,
        clean: false,
      },
      (details) => context.heartbeat(details),
      () => true,
    );
    if (config.STUB_MS > 0) await sleep(config.STUB_MS);
    heartbeat.stop();
    return {
      ...shape,
      framesKey: keys.frames(videoId),
      framesSha256: '',
      inferenceTimeS: 0,
      peakMemoryMb: 0,
      resumedFromStep: 0,
      device: 'stub',
      timing: { deviceKind: 'stub', loadS: 0, denoiseS: 0, decodeS: 0 },
    };
  },
};

async function workerOf(queue: 'cpu' | 'gpu'): Promise<Partial<WorkerOptions> & { taskQueue: string }> {
  if (queue === 'cpu') {
    const codePath = await workflowBundle(log);
    return { taskQueue: TASK_QUEUES.cpu, workflowBundle: { codePath }, activities: cpu };
  }
  return {
    taskQueue: TASK_QUEUES.gpu,
    activities: gpu,
    maxConcurrentActivityTaskExecutions: config.STUB_AT_ONCE,
    maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS.least,
    defaultHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS.least,
  };
}

await runProcess(async () =>
  runWorker({
    name: `stub-${config.STUB_QUEUE}`,
    config,
    log,
    metrics: createRegistry(),
    report: new WorkerReport(config.STUB_QUEUE),
    encryption: await openEncryption(config, log),
    tracing: null,
    worker: await workerOf(config.STUB_QUEUE),
  }),
);

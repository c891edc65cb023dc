/** A worker whose `validate` goes on until the worker is told to stop, or for ever, in a process of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { workflowBundle } from '../../../temporal/bundle.ts';
import { workerEnv } from '../../../temporal/config.ts';
import { readConfig } from '../../../platform/config/config.ts';
import { openEncryption } from '../../../temporal/encryption/payload-encryption.ts';
import { failure } from '../../../contract/failure.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { createRegistry } from '../../../platform/metrics/registry.ts';
import { runProcess } from '../../../platform/process/run-process.ts';
import { WorkerReport } from '../../../temporal/worker-report.ts';
import { runWorker } from '../../../temporal/worker.ts';
import type { GenerateVideoInput } from '../../../contract/video-job.ts';
import { TASK_QUEUES } from '../../../contract/names.ts';

const config = readConfig(workerEnv);
const log = createLogger('plain-worker', config.LOG_LEVEL);
const handOver = new AbortController();

await runProcess(async () => {
  const codePath = await workflowBundle(log);
  return runWorker({
    name: 'plain-worker',
    config,
    log,
    metrics: createRegistry(),
    report: new WorkerReport('cpu'),
    encryption: await openEncryption(config, log),
    tracing: null,
    prepare: async () => log.info('prepared'),
    onShutdown: () => {
      log.info('shutdown announced');
      if (process.env['HAND_OVER'] === 'true') handOver.abort();
    },
    worker: {
      taskQueue: TASK_QUEUES.cpu,
      workflowBundle: { codePath },
      activities: {
        async validate(input: GenerateVideoInput): Promise<never> {
          log.info({ input, prompt: input.spec.prompt }, 'working');
          await sleep(60_000, undefined, { signal: handOver.signal }).catch(() => {});
          throw failure('worker_shutdown');
        },
      },
      shutdownGraceTime: '20s',
    },
  });
});

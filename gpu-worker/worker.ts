import { openStore } from '../storage/open.ts';
import { StoreAccess } from '../storage/store-access.ts';
import { StoreWatch } from '../storage/store-watch.ts';
import { untilUsable } from '../storage/until-usable.ts';
import { readConfig } from '../platform/config/config.ts';
import { openEncryption } from '../temporal/encryption/payload-encryption.ts';
import { watchKeys } from '../temporal/encryption/watched-keys.ts';
import { type Logger, createLogger } from '../platform/log/logger.ts';
import { diskMetrics } from '../platform/metrics/disk-metrics.ts';
import { createRegistry } from '../platform/metrics/registry.ts';
import { assertNoSingleFile, fromModelFolder } from '../platform/model/model-folder.ts';
import { TokenizerFileError } from './text/tokenizer/errors.ts';
import { ModelFolderError } from './weights/errors.ts';
import { runProcess } from '../platform/process/run-process.ts';
import { withoutSecrets } from '../platform/config/secrets.ts';
import { WorkerReport } from '../temporal/worker-report.ts';
import { openTracing } from '../temporal/tracing/tracing.ts';
import { recordWorker } from '../storage/worker-records.ts';
import { runWorker } from '../temporal/worker.ts';
import { TASK_QUEUES } from '../contract/names.ts';
import { gpuWorkerEnv } from './config.ts';
import { deviceMetrics } from './device/device-metrics.ts';
import { GpuWorkerMetrics } from './metrics/gpu-worker-metrics.ts';
import { createGenerate } from './generate/generate.ts';
import { GpuWatch } from './device/gpus.ts';
import { HEARTBEAT_INTERVAL_MS } from './generate/heartbeat.ts';
import { ModelHost } from './device/model-host.ts';
import { untilAborted } from '../platform/flow/deadline.ts';

/** Beyond the grace: what is still running then is left to the next worker. */
const FORCE_AFTER_S = 2;

let log: Logger | undefined;

/** The GPU worker: loads the model, then takes one job at a time until SIGTERM. */
async function main(): Promise<number> {
  const config = readConfig(gpuWorkerEnv);
  const logger = (log = createLogger('gpu-worker', config.LOG_LEVEL, config));
  logger.info(withoutSecrets(config), 'Starting');
  await assertNoSingleFile(config.MODEL_DIR);
  const encryption = await openEncryption(config, logger);
  const tracing = await openTracing(config, 'gpu-worker', logger);
  const scratch = await openStore(config.SCRATCH_URL, config);
  const { SCRATCH_KEYS_FILE: keysFile } = config;
  const watched = keysFile === undefined ? null : await watchKeys('SCRATCH_KEYS_FILE', keysFile, logger);
  const scratchKeys = () => watched?.value ?? encryption.keys();
  if (scratchKeys().length === 0) {
    logger.warn('Without SCRATCH_KEYS_FILE anything that may write to the scratch store decides what videos show');
  }
  const shutdown = new AbortController();
  let failed = false;
  const registry = createRegistry();
  diskMetrics(registry, { scratch: config.SCRATCH_URL });
  deviceMetrics(registry, config.DEVICES);
  const metrics = new GpuWorkerMetrics(registry, config.GPU_HOUR_PRICE);
  const host = new ModelHost(config, logger, metrics, (error) => {
    logger.fatal({ err: error }, 'The weights could not be loaded again: ending');
    failed = true;
    process.kill(process.pid, 'SIGTERM');
  });
  const gpus = new GpuWatch();
  const report = new WorkerReport('gpu', () => ({
    device: host.devices,
    device_kind: host.warm && host.kind,
    model: host.warm?.model ?? null,
    warm_since: host.warm?.since ?? null,
    gpus: gpus.newest,
  }));
  const generate = createGenerate({
    host,
    scratch,
    scratchKeys,
    config,
    shutdown: shutdown.signal,
    log: logger,
    metrics,
    onHeartbeat: (videoId, details) => report.progress(videoId, details),
    giveUp: (reason) => {
      logger.fatal({ reason }, 'Ending the worker at once');
      process.exit(1);
    },
  });
  const access = new StoreAccess([scratch], logger);
  const watch = new StoreWatch({ SCRATCH_URL: scratch }, logger);
  try {
    await untilUsable('SCRATCH_URL', scratch, logger);
    await runWorker({
      name: 'gpu-worker',
      config,
      log: logger,
      metrics: registry,
      report,
      encryption,
      tracing,
      // Before the first poll: a job must not wait for the weights of a worker while another one idles.
      prepare: async () => {
        const loading = fromModelFolder(config.MODEL_DIR, host.load(), ModelFolderError, TokenizerFileError);
        await untilAborted(shutdown.signal, loading);
        await access.granted(shutdown.signal);
      },
      ready: () => watch.missing ?? access.missing ?? host.missing,
      warnings: () => access.warnings,
      record: (identity, url) => recordWorker(scratch, identity, url, logger),
      onShutdown: () => shutdown.abort(new Error('The worker is shutting down')),
      worker: {
        taskQueue: TASK_QUEUES.gpu,
        activities: { generate },
        maxConcurrentActivityTaskExecutions: 1,
        // The SDK's own throttle would hold heartbeats back for most of their timeout.
        maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS.least,
        defaultHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS.least,
        shutdownGraceTime: config.SHUTDOWN_GRACE * 1000,
        shutdownForceTime: (config.SHUTDOWN_GRACE + FORCE_AFTER_S) * 1000,
      },
    });
  } finally {
    watch.close();
    access.close();
    watched?.close();
    encryption.close();
    await tracing?.close();
    await host.close();
    await scratch.close();
  }
  return failed ? 1 : 0;
}

await runProcess(main, () => log);

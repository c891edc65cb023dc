import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { openRegistry } from '../platform/accounts/registry.ts';
import { TokenizerFileError } from '../gpu-worker/text/tokenizer/errors.ts';
import { loadTokenizer } from '../gpu-worker/text/tokenizer/load.ts';
import { fromModelFolder } from '../platform/model/model-folder.ts';
import { loadProfile } from '../platform/model/model-profile.ts';
import { openStores } from '../storage/open.ts';
import { StoreAccess } from '../storage/store-access.ts';
import { StoreWatch } from '../storage/store-watch.ts';
import { untilUsable } from '../storage/until-usable.ts';
import { recordWorker } from '../storage/worker-records.ts';
import { workflowBundle } from '../temporal/bundle.ts';
import { readConfig } from '../platform/config/config.ts';
import { openEncryption } from '../temporal/encryption/payload-encryption.ts';
import { assertUsableFolder } from '../platform/files/folder.ts';
import { type Logger, createLogger } from '../platform/log/logger.ts';
import { diskMetrics } from '../platform/metrics/disk-metrics.ts';
import { createRegistry } from '../platform/metrics/registry.ts';
import { runProcess } from '../platform/process/run-process.ts';
import { ensureExpirySchedule } from '../temporal/expiry-schedule.ts';
import { ensureSearchAttributes } from '../temporal/search-attributes.ts';
import { withoutSecrets } from '../platform/config/secrets.ts';
import { WorkerReport } from '../temporal/worker-report.ts';
import { openTracing } from '../temporal/tracing/tracing.ts';
import { runWorker } from '../temporal/worker.ts';
import { TASK_QUEUES } from '../contract/names.ts';
import { cpuWorkerEnv } from './config.ts';
import { createActivities } from './create-activities.ts';

let log: Logger | undefined;

/** The CPU worker: runs the workflows and every activity but `generate`, until SIGTERM. */
async function main(): Promise<number> {
  const config = readConfig(cpuWorkerEnv);
  const logger = (log = createLogger('cpu-worker', config.LOG_LEVEL, config));
  logger.info(withoutSecrets(config), 'Starting');
  const encryption = await openEncryption(config, logger);
  const tracing = await openTracing(config, 'cpu-worker', logger);
  // First: it says what is wrong with a folder that holds no model.
  const profile = await loadProfile(config.MODEL_DIR);
  const [stores, tokenizer, codePath] = await Promise.all([
    openStores(config),
    fromModelFolder(config.MODEL_DIR, loadTokenizer(join(config.MODEL_DIR, 'tokenizer')), TokenizerFileError),
    workflowBundle(logger, { encrypted: encryption.on, traced: tracing !== null }),
  ]);
  await assertUsableFolder('TEMP_DIR', config.TEMP_DIR);
  await Promise.all([
    untilUsable('SCRATCH_URL', stores.scratch, logger),
    untilUsable('ARTEFACTS_URL', stores.artefacts, logger),
  ]);
  const metrics = createRegistry();
  diskMetrics(metrics, { scratch: config.SCRATCH_URL, artefacts: config.ARTEFACTS_URL, temp: config.TEMP_DIR });
  let temporal: Client | undefined;
  const accounts = await openRegistry(config, logger);
  const activities = await createActivities({
    ...stores,
    accounts,
    webhooksMayBePrivate: config.WEBHOOK_ALLOW_PRIVATE,
    profile,
    countTokens: async (text) => tokenizer.encode(text).length,
    tempDir: config.TEMP_DIR,
    logger,
    encodersAtOnce: config.ENCODERS,
    promptInFiles: config.PROMPT_IN_FILES,
    temporal: () => temporal!,
  });
  const access = new StoreAccess([stores.scratch, stores.artefacts], logger);
  const watch = new StoreWatch({ SCRATCH_URL: stores.scratch, ARTEFACTS_URL: stores.artefacts }, logger);
  const stopping = new AbortController();
  try {
    return await runWorker({
      name: 'cpu-worker',
      config,
      log: logger,
      metrics,
      report: new WorkerReport('cpu'),
      record: (identity, url) => recordWorker(stores.scratch, identity, url, logger),
      encryption,
      tracing,
      prepare: async (connection) => {
        temporal = new Client({
          connection,
          namespace: config.TEMPORAL_NAMESPACE,
          dataConverter: encryption.forClients,
        });
        await ensureSearchAttributes(connection, config.TEMPORAL_NAMESPACE);
        await ensureExpirySchedule(temporal);
        await access.granted(stopping.signal);
      },
      ready: () => watch.missing ?? access.missing,
      warnings: () => access.warnings,
      onShutdown: () => stopping.abort(),
      worker: {
        taskQueue: TASK_QUEUES.cpu,
        workflowBundle: { codePath },
        activities,
        maxConcurrentActivityTaskExecutions: config.CPU_CONCURRENCY,
        // A cancel is seen in the answer to a heartbeat that is really sent; without this every 8 s.
        maxHeartbeatThrottleInterval: '1s',
        shutdownGraceTime: config.SHUTDOWN_GRACE * 1000,
      },
      more: [
        {
          taskQueue: TASK_QUEUES.exports,
          activities,
          maxConcurrentActivityTaskExecutions: config.EXPORTS,
          maxHeartbeatThrottleInterval: '1s',
          shutdownGraceTime: config.SHUTDOWN_GRACE * 1000,
        },
      ],
    });
  } finally {
    watch.close();
    access.close();
    accounts.close();
    encryption.close();
    await tracing?.close();
    await Promise.all([stores.scratch.close(), stores.artefacts.close()]);
  }
}

await runProcess(main, () => log);

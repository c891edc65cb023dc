/** Entry of the CPU worker: runs the workflows and every activity but `generate`. */
import { join } from 'node:path';
import { loadTokenizer } from '../gpu-worker/mochi/tokenizer/load.ts';
import { loadProfile } from '../storage/model-profile.ts';
import { openStores } from '../storage/open.ts';
import { workflowBundle } from '../temporal/bundle.ts';
import { readConfig, withoutSecrets } from '../temporal/config.ts';
import { createLogger } from '../temporal/logger.ts';
import { ensureSearchAttributes } from '../temporal/search-attributes.ts';
import { runWorker } from '../temporal/worker.ts';
import { TASK_QUEUES } from '../workflows/contract.ts';
import { cpuWorkerEnv } from './config.ts';
import { createActivities } from './create-activities.ts';

async function main(): Promise<number> {
  const config = readConfig(cpuWorkerEnv);
  const log = createLogger('cpu-worker', config.LOG_LEVEL);
  log.info({ config: withoutSecrets(config) }, 'Starting');
  const [stores, profile, tokenizer, codePath] = await Promise.all([
    openStores(config),
    loadProfile(config.MODEL_DIR),
    loadTokenizer(join(config.MODEL_DIR, 'tokenizer')),
    workflowBundle(log),
  ]);
  await Promise.all([stores.scratch.check(), stores.artefacts.check()]);
  const activities = await createActivities({
    ...stores,
    profile,
    countTokens: async (text) => tokenizer.encode(text).length,
    tempDir: config.TEMP_DIR,
    logger: log,
    encodersAtOnce: config.ENCODERS,
  });
  try {
    return await runWorker({
      name: 'cpu-worker',
      config,
      log,
      prepare: (connection) => ensureSearchAttributes(connection, config.TEMPORAL_NAMESPACE),
      worker: {
        taskQueue: TASK_QUEUES.cpu,
        workflowBundle: { codePath },
        activities,
        maxConcurrentActivityTaskExecutions: config.CPU_CONCURRENCY,
        // A cancel is seen in the answer to a heartbeat that is really sent; without this every 8 s.
        maxHeartbeatThrottleInterval: '1s',
        shutdownGraceTime: `${config.SHUTDOWN_GRACE_S}s`,
      },
    });
  } finally {
    await Promise.all([stores.scratch.close(), stores.artefacts.close()]);
  }
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`cpu-worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

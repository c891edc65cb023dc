import { Gauge, type Registry } from 'prom-client';
import {
  type NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
  makeTelemetryFilterString,
} from '@temporalio/worker';
import type { WorkerConfig } from './config.ts';
import { connectWorker } from './connection.ts';
import type { PayloadEncryption } from './encryption/payload-encryption.ts';
import { startHealthServer } from '../platform/http/health.ts';
import type { Logger } from '../platform/log/logger.ts';
import { temporalLogger } from './sdk-logger.ts';
import { activityMetrics } from './metrics/activity-metrics.ts';
import { SdkMetrics } from './metrics/sdk-metrics.ts';
import { freePorts } from '../platform/http/ports.ts';
import { identityOf, parseIdentity, versionOf } from './worker-identity.ts';
import type { Tracing } from './tracing/otlp-tracing.ts';
import type { WorkerReport } from './worker-report.ts';

type OwnOptions = Omit<
  WorkerOptions,
  'connection' | 'namespace' | 'identity' | 'dataConverter' | 'sinks' | 'workerDeploymentOptions'
>;

export interface RunWorkerOptions {
  /** Name of the process, e.g. `cpu-worker`; part of the identity that the Web UI shows. */
  name: string;
  config: WorkerConfig;
  log: Logger;
  /** Of what it is given and gives back. */
  encryption: PayloadEncryption;
  /** Of what it does; null for none. */
  tracing: Tracing | null;
  /** What the SDK's `Worker.create` takes, except what is the same for both workers. */
  worker: OwnOptions;
  /** The same of further ones in the process, for task queues that are not to keep the first one busy. @default none */
  more?: OwnOptions[];
  /** Runs once Temporal answers, before the first task is taken, e.g. to register search attributes. */
  prepare?: (connection: NativeConnection) => Promise<void>;
  /** Runs at the first SIGTERM or SIGINT, before the worker stops taking tasks: time to hand running work over. */
  onShutdown?: (signal: NodeJS.Signals) => void;
  /** Served on the health port, with what is the same for both workers and what Temporal's SDK counts. */
  metrics: Registry;
  /** What `/status` tells operators; the API collects it. */
  report: WorkerReport;
  /** Told, before the first poll, under which name it is going to be at which address; gives back what takes that back. */
  record?: (identity: string, url: string) => () => Promise<void>;
  /** For `/readyz`, beyond a running worker: null when ready, else what is missing. */
  ready?: () => string | null;
  /** For `/readyz`: what is amiss though work is done. */
  warnings?: () => string[];
}

/**
 * Runs a worker until SIGTERM or SIGINT: waits for Temporal, serves the health port, takes tasks, and at the signal
 * finishes what it has within `worker.shutdownGraceTime`. A second signal ends the process at once.
 *
 * @returns the exit code: 0 after an orderly stop. @throws whatever made the worker fail.
 */
export async function runWorker(options: RunWorkerOptions): Promise<number> {
  const { name, config, log, metrics, report, tracing } = options;
  const version = versionOf(config);
  const [sdkPort = 0] = config.HEALTH_PORT === 0 ? [] : await freePorts(1);
  const sdkMetrics = sdkPort === 0 ? null : new SdkMetrics(sdkPort);
  Runtime.install({
    logger: temporalLogger(log),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(sdkMetrics && { metrics: sdkMetrics.exporter }),
    },
  });
  const stopping = new AbortController();
  const workers: Worker[] = [];
  const isRunning = (worker: Worker) => worker.getState() === 'RUNNING';
  const shutdown = () => workers.filter(isRunning).forEach((worker) => worker.shutdown());
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) {
      log.warn({ signal }, 'Second signal: ending at once');
      process.exit(128 + (signal === 'SIGINT' ? 2 : 15));
    }
    log.info({ signal }, 'Stopping');
    stopping.abort();
    options.onShutdown?.(signal);
    shutdown();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);

  const missing = () =>
    options.ready?.() ?? (workers.length > 0 && workers.every(isRunning) ? null : 'not connected to Temporal');
  new Gauge({
    name: 'kinora_worker_ready',
    help: '1 while the worker can take work, else 0.',
    labelNames: ['worker'],
    registers: [metrics],
    collect() {
      this.set({ worker: name }, missing() === null ? 1 : 0);
    },
  });
  const health =
    sdkMetrics === null
      ? null
      : await startHealthServer(
          { host: config.HEALTH_HOST, port: config.HEALTH_PORT },
          { missing, warnings: () => options.warnings?.() ?? [] },
          async () => (await Promise.all([metrics.metrics(), sdkMetrics.text()])).join('\n'),
          () => report.status(missing() === null),
        );
  const identity = identityOf(name, health && { host: config.HEALTH_HOST, port: health.port });
  const { url } = parseIdentity(identity);
  const takeBack = url === null ? undefined : options.record?.(identity, url);
  let connection: NativeConnection | undefined;
  try {
    connection = await connectWorker(config, { log, signal: stopping.signal });
    await options.prepare?.(connection);
    const shared = {
      interceptors: {
        activity: [
          ...(tracing ? [tracing.activityInterceptor] : []),
          activityMetrics(metrics, log),
          report.interceptor,
        ],
      },
      sinks: tracing?.workflowSinks,
      dataConverter: options.encryption.forWorkers,
      connection,
      namespace: config.TEMPORAL_NAMESPACE,
      ...(version && { workerDeploymentOptions: version }),
      identity,
    };
    for (const own of [options.worker, ...(options.more ?? [])]) {
      workers.push(await Worker.create({ ...own, ...shared }));
    }
    const running = workers.map((worker) => worker.run());
    // The signal may have come while they were being made.
    if (stopping.signal.aborted) shutdown();
    else log.info({ taskQueue: options.worker.taskQueue, address: config.TEMPORAL_ADDRESS }, 'Ready for work');
    try {
      await Promise.all(running);
    } finally {
      // One that fails takes the others with it.
      shutdown();
      await Promise.allSettled(running);
    }
    log.info('Stopped');
  } catch (error) {
    if (workers.length > 0 || !stopping.signal.aborted) throw error;
  } finally {
    await connection?.close();
    await takeBack?.();
    await health?.close();
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  }
  return 0;
}

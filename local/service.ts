import { setTimeout as sleep } from 'node:timers/promises';
import { probe } from '../platform/http/probe.ts';
import { findTemporalCli } from '../temporal/dev-server/cli.ts';
import { localHostInUrl } from '../platform/config/hosts.ts';
import { freePorts } from '../platform/http/ports.ts';
import type { LocalConfig } from './config.ts';
import { keysFile, openDataFolder } from './data-folder.ts';
import { environment, uiUrl } from './environment.ts';
import { assertPlaces, assertPorts, portsOf } from './preflight.ts';
import { ServiceProcess } from './service-process.ts';
import { TemporalProcess } from './temporal-process.ts';

export interface Service {
  /** `http://host:port` of the API. */
  apiUrl: string;
  /** Of Temporal's Web UI. */
  uiUrl: string;
  /** Where Prometheus finds each process's metrics, by name. */
  metricsUrls: Record<'api' | 'cpu-worker' | 'gpu-worker', string>;
  /** Ids of the running processes, by name; `api` is the one that serves. */
  pids(): Record<'temporal' | 'api' | 'api-standby' | 'cpu-worker' | 'gpu-worker', number | undefined>;
  /** Resolves when every process is ready for work; rejects where one cannot be. */
  ready: Promise<void>;
  /** Rejects when the service has lost a part that does not come back. Never resolves. */
  failed: Promise<never>;
  /** Ends everything: the API first, then the workers, which hand their work over, Temporal last. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
}

/** Everything is ended within 30 s of the request to stop; what hands work over has less than that, see `SHUTDOWN_GRACE`. */
const STOP_WITHIN_MS = 28_000;
/** On one machine, what is asked is answered first, however busy the model and the encoder keep every core. */
const WORKERS_NICE = 10;
/** After the API, which answers most questions without it, and before the workers. */
const SERVER_NICE = 4;

/**
 * Starts Temporal's dev server, the API and both workers on this machine, all at the same time: each waits for what it
 * needs.
 *
 * @param tell is given what people should read, one line at a time.
 * @param signal gives up while nothing is started yet.
 * @throws UserError where a port or the data folder is in use, a setting cannot be used, or the model or the Temporal CLI is
 *   missing; nothing is started then.
 */
export async function startService(
  config: LocalConfig,
  tell: (line: string) => void,
  signal?: AbortSignal,
): Promise<Service> {
  await assertPlaces(config);
  await assertPorts(config);
  const cli = await findTemporalCli({ progress: tell, signal });
  const [cpuHealth = 0, gpuHealth = 0] = await freePorts(2, '127.0.0.1', portsOf(config));
  signal?.throwIfAborted();
  const data = await openDataFolder(config.DATA_DIR, tell);
  const env = {
    ...environment(config, data),
    SCRATCH_KEYS_FILE: process.env['SCRATCH_KEYS_FILE'] || (await keysFile(config.DATA_DIR, 'scratch')),
    SHARE_KEYS_FILE: process.env['SHARE_KEYS_FILE'] || (await keysFile(config.DATA_DIR, 'share')),
  };
  if (signal?.aborted) {
    await data.release();
    throw signal.reason;
  }
  // From here on everything is started in one go: a signal finds all of it, or nothing.
  const apiUrl = `http://${localHostInUrl(config.API_HOST)}:${config.API_PORT}`;
  const server = new TemporalProcess(
    {
      cli,
      port: config.TEMPORAL_PORT,
      uiPort: config.TEMPORAL_UI_PORT,
      uiPublicUrl: process.env['TEMPORAL_UI_URL'] || undefined,
      dbFile: data.database,
      log: data.log('temporal'),
      nice: config.API_FIRST ? SERVER_NICE : undefined,
      ...(config.ENCRYPTION_KEYS_FILE && { codecUrl: `${apiUrl}/codec` }),
    },
    tell,
  );

  const start = (name: string, program: string, extra: NodeJS.ProcessEnv = {}, nice?: number) =>
    new ServiceProcess({ name, program, env: { ...env, ...extra }, log: data.log(name), nice, tell });
  const startApi = () => start('api', 'api/server.js', { API_STANDBY: String(config.API_STANDBY) });
  const api = startApi();
  // Once everything else has started; it waits for the other's port, and takes over where that one ends.
  let standby: ServiceProcess | undefined;
  const nice = config.API_FIRST ? WORKERS_NICE : undefined;
  const workers = [
    start('cpu-worker', 'activities/worker.js', { HEALTH_PORT: String(cpuHealth) }, nice),
    start('gpu-worker', 'gpu-worker/worker.js', { HEALTH_PORT: String(gpuHealth) }, nice),
  ];
  const [cpuWorker, gpuWorker] = workers;

  const failed = Promise.race([server.failed, api.failed, ...workers.map((worker) => worker.failed)]);
  failed.catch(() => {});
  const stopping = new AbortController();
  const probes = [`${apiUrl}/readyz`, ...[cpuHealth, gpuHealth].map((port) => `http://127.0.0.1:${port}/readyz`)];
  const ready = Promise.race([
    failed,
    Promise.all([server.ready, ...probes.map((url) => answers(url, stopping.signal))]).then(() => {
      if (config.API_STANDBY && !stopping.signal.aborted) standby = startApi();
    }),
  ]);
  ready.catch(() => {});

  const kill = () => {
    for (const part of [standby, api, ...workers, server]) part?.kill();
  };
  return {
    apiUrl,
    uiUrl: uiUrl(config),
    metricsUrls: {
      api: `${apiUrl}/metrics`,
      'cpu-worker': `http://127.0.0.1:${cpuHealth}/metrics`,
      'gpu-worker': `http://127.0.0.1:${gpuHealth}/metrics`,
    },
    pids: () => {
      // The API process that has been up for longer has the port.
      const [serving, waiting] = standby && standby.startedAt < api.startedAt ? [standby, api] : [api, standby];
      return {
        temporal: server.pid,
        api: serving.pid,
        'api-standby': waiting?.pid,
        'cpu-worker': cpuWorker?.pid,
        'gpu-worker': gpuWorker?.pid,
      };
    },
    ready,
    failed,
    stop: async () => {
      stopping.abort();
      const late = setTimeout(kill, STOP_WITHIN_MS);
      await Promise.all([standby?.stop(), api.stop()]);
      await Promise.all(workers.map((worker) => worker.stop()));
      await server.stop();
      clearTimeout(late);
      await data.release();
    },
    kill,
  };
}

async function answers(url: string, signal: AbortSignal): Promise<void> {
  while (!(await probe(url))) await sleep(100, undefined, { signal });
}

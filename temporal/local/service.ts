import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { answersOk } from '../answers-ok.ts';
import { assertModelFolder } from '../model-folder.ts';
import { findTemporalCli } from '../cli.ts';
import { workerEnv } from '../config.ts';
import { assertPortFree, freePorts } from '../ports.ts';
import type { LocalConfig } from './config.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { scratchKeysFile } from './scratch-keys.ts';
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

/**
 * Starts Temporal's dev server, the API and both workers on this machine, all at the same time: each waits for what it
 * needs.
 *
 * @param tell is given what people should read, one line at a time.
 * @param signal gives up while nothing is started yet.
 * @throws UserError where a port or the data folder is in use, or the model or the Temporal CLI is missing; nothing is
 *   started then.
 */
export async function startService(
  config: LocalConfig,
  tell: (line: string) => void,
  signal?: AbortSignal,
): Promise<Service> {
  await assertModelFolder(config.MODEL_DIR);
  await assertPortFree(config.API_HOST, config.API_PORT, 'API_PORT', 'the API');
  await assertPortFree('127.0.0.1', config.TEMPORAL_PORT, 'TEMPORAL_PORT', "Temporal's server");
  await assertPortFree('127.0.0.1', config.TEMPORAL_UI_PORT, 'TEMPORAL_UI_PORT', "Temporal's Web UI");
  const cli = await findTemporalCli({ progress: tell, signal });
  const data = await openDataFolder(config.DATA_DIR);
  const apiUrl = `http://${config.API_HOST === '0.0.0.0' ? '127.0.0.1' : config.API_HOST}:${config.API_PORT}`;
  const server = new TemporalProcess(
    {
      cli,
      port: config.TEMPORAL_PORT,
      uiPort: config.TEMPORAL_UI_PORT,
      dbFile: data.database,
      logFile: data.log('temporal'),
      ...(config.ENCRYPTION_KEYS_FILE && { codecUrl: `${apiUrl}/codec` }),
    },
    tell,
  );

  const [cpuHealth = 0, gpuHealth = 0] = await freePorts(2);
  const env = {
    ...environment(config, data),
    SCRATCH_KEYS_FILE: process.env['SCRATCH_KEYS_FILE'] || (await scratchKeysFile(config.DATA_DIR)),
  };
  const start = (name: string, program: string, extra: NodeJS.ProcessEnv = {}) =>
    new ServiceProcess({ name, program, env: { ...env, ...extra }, logFile: data.log(name), tell });
  const startApi = () => start('api', 'api/server.js', { API_STANDBY: String(config.API_STANDBY) });
  const api = startApi();
  // Once everything else has started; it waits for the other's port, and takes over where that one ends.
  let standby: ServiceProcess | undefined;
  const workers = [
    start('cpu-worker', 'activities/worker.js', { HEALTH_PORT: String(cpuHealth) }),
    start('gpu-worker', 'gpu-worker/worker.js', { HEALTH_PORT: String(gpuHealth) }),
  ];
  const [cpuWorker, gpuWorker] = workers;

  const failed = Promise.race([server.failed, api.failed, ...workers.map((worker) => worker.failed)]);
  failed.catch(() => {});
  const stopping = new AbortController();
  const probes = [`${apiUrl}/readyz`, ...[cpuHealth, gpuHealth].map((port) => `http://127.0.0.1:${port}/readyz`)];
  const ready = Promise.race([
    failed,
    Promise.all([server.ready, ...probes.map((probe) => answers(probe, stopping.signal))]).then(() => {
      for (const part of [api, ...workers]) part.becameReady();
      if (!config.API_STANDBY || stopping.signal.aborted) return;
      standby = startApi();
      standby.becameReady();
    }),
  ]);
  ready.catch(() => {});

  return {
    apiUrl,
    uiUrl: uiUrl(config),
    metricsUrls: {
      api: `${apiUrl}/metrics`,
      'cpu-worker': `http://127.0.0.1:${cpuHealth}/metrics`,
      'gpu-worker': `http://127.0.0.1:${gpuHealth}/metrics`,
    },
    pids: () => {
      // Who has been up for longer has the port.
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
      await Promise.all([standby?.stop(), api.stop()]);
      await Promise.all(workers.map((worker) => worker.stop()));
      await server.stop();
      await data.release();
    },
    kill: () => {
      for (const part of [standby, api, ...workers, server]) part?.kill();
    },
  };
}

const uiUrl = ({ TEMPORAL_UI_PORT }: LocalConfig) => `http://127.0.0.1:${TEMPORAL_UI_PORT}`;

function environment(config: LocalConfig, data: DataFolder): NodeJS.ProcessEnv {
  return {
    ...process.env,
    SCRATCH_URL: config.SCRATCH_URL ?? pathToFileURL(data.scratch).href,
    ARTEFACTS_URL: config.ARTEFACTS_URL ?? pathToFileURL(data.artefacts).href,
    TEMP_DIR: process.env['TEMP_DIR'] || data.temporary,
    API_HOST: config.API_HOST,
    API_PORT: String(config.API_PORT),
    MODEL_DIR: config.MODEL_DIR,
    API_KEYS_FILE: config.API_KEYS_FILE,
    AUDIT_LOG_FILE: config.AUDIT_LOG_FILE,
    ENCRYPTION_KEYS_FILE: config.ENCRYPTION_KEYS_FILE,
    // Ours, whatever server the environment may name; of one version, which is nobody's to choose.
    ...Object.fromEntries(
      Object.keys(workerEnv.shape)
        .filter((name) => name.startsWith('TEMPORAL_'))
        .map((name) => [name, '']),
    ),
    TEMPORAL_ADDRESS: `127.0.0.1:${config.TEMPORAL_PORT}`,
    TEMPORAL_UI_URL: process.env['TEMPORAL_UI_URL'] || uiUrl(config),
    // One for all processes, until the service ends.
    LOG_PROMPTS_SECRET: process.env['LOG_PROMPTS_SECRET'] || randomBytes(32).toString('base64url'),
  };
}

async function answers(probe: string, signal: AbortSignal): Promise<void> {
  while (!(await answersOk(probe))) await sleep(100, undefined, { signal });
}

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type DevServer, startDevServer } from '../../../temporal/dev-server/dev-server.ts';
import { freePorts } from '../../../platform/http/ports.ts';
import { testTemporal } from '../../harness/servers/test-temporal.ts';
import { WorkerProcess } from '../../harness/services/worker-process.ts';
import type { GpuWorkerOptions, ServiceSide } from './side.ts';

const WORKER = 'tools/bench/queue/stub-worker.js';

/** Kinora: Temporal's dev server on a file, the API as it is run, a CPU and a GPU worker whose activities are stubs. */
export class KinoraSide implements ServiceSide {
  readonly url: string;
  readonly notes: string;
  readonly temporal: DevServer;
  readonly api: WorkerProcess;
  readonly #cpu: WorkerProcess;
  readonly #env: Record<string, string>;
  #gpu: WorkerProcess | null = null;

  private constructor(url: string, temporal: DevServer, api: WorkerProcess, cpu: WorkerProcess, env: Environment) {
    this.url = url;
    this.notes = env['NOTES_FILE']!;
    this.temporal = temporal;
    this.api = api;
    this.#cpu = cpu;
    this.#env = env;
  }

  /** @param folder empty; Temporal's database and the stubs' notes are kept in it */
  static async start(folder: string): Promise<KinoraSide> {
    const [port = 0] = await freePorts(1);
    const temporal = await startDevServer({ cli: await testTemporal(), port, dbFile: join(folder, 'temporal.db') });
    const env = {
      TEMPORAL_ADDRESS: temporal.address,
      NOTES_FILE: join(folder, 'notes'),
      ARTEFACTS_URL: pathToFileURL(join(folder, 'artefacts')).href,
      SCRATCH_URL: pathToFileURL(join(folder, 'scratch')).href,
      API_PORT: '0',
      LOG_LEVEL: 'info',
    };
    const api = new WorkerProcess('api/server.js', env);
    const cpu = new WorkerProcess(WORKER, { ...env, STUB_QUEUE: 'cpu' });
    try {
      const { url } = (await api.saw('Listening')) as unknown as { url: string };
      await Promise.all([api.saw('Connected to Temporal'), cpu.saw('Ready for work')]);
      return new KinoraSide(url, temporal, api, cpu, env);
    } catch (error) {
      await Promise.all([api.stop(), cpu.stop()]);
      await temporal.stop();
      throw error;
    }
  }

  pids(): number[] {
    return [this.temporal.pid, this.api.pid, this.#cpu.pid, ...(this.#gpu ? [this.#gpu.pid] : [])];
  }

  async startGpuWorker({ stubMs = 0, atOnce = 1 }: GpuWorkerOptions = {}): Promise<void> {
    const env = { ...this.#env, STUB_QUEUE: 'gpu', STUB_MS: String(stubMs), STUB_AT_ONCE: String(atOnce) };
    this.#gpu = new WorkerProcess(WORKER, env);
    await this.#gpu.saw('Ready for work');
  }

  async killGpuWorker(): Promise<void> {
    await this.#gpu?.stop();
    this.#gpu = null;
  }

  async stop(): Promise<void> {
    await Promise.all([this.killGpuWorker(), this.#cpu.stop(), this.api.stop()]);
    await this.temporal.stop();
  }
}

type Environment = Record<string, string>;

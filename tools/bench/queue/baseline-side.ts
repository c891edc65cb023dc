import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../../platform/http/ports.ts';
import type { GpuWorkerOptions, ServiceSide } from './side.ts';
import { ProcessGroup, untilAnswers } from './process-group.ts';
import { pythonVenv } from '../../harness/python-venv.ts';

/** Folder of the service that Kinora's is held against. */
const BASELINE_FOLDER = fileURLToPath(new URL('../../../../tools/bench/baseline-service', import.meta.url));
/** What Celery prints once a worker takes tasks. */
const READY = 'ready.';

/** FastAPI, Celery and Redis: Redis with an append-only file, one process of the API, a worker for each queue. */
export class BaselineSide implements ServiceSide {
  readonly url: string;
  readonly notes: string;
  readonly #launch: Launch;
  readonly #processes: ProcessGroup[];
  #gpu: ProcessGroup | null = null;

  private constructor(url: string, notes: string, launch: Launch, processes: ProcessGroup[]) {
    this.url = url;
    this.notes = notes;
    this.#launch = launch;
    this.#processes = processes;
  }

  /** @param folder empty; Redis's file and the stubs' notes are kept in it */
  static async start(folder: string): Promise<BaselineSide> {
    const programs = await baselineEnvironment();
    const [redisPort = 0, apiPort = 0] = await freePorts(2);
    const notes = join(folder, 'notes');
    const env = { REDIS_URL: `redis://127.0.0.1:${redisPort}/0`, NOTES_FILE: notes };
    const launch: Launch = (program, args, more = {}) =>
      new ProcessGroup(join(programs, program), args, { cwd: BASELINE_FOLDER, env: { ...env, ...more } });

    const persistence = ['--appendonly', 'yes', '--save', '', '--dir', folder];
    const redis = launch('redis-server', ['--bind', '127.0.0.1', '--port', String(redisPort), ...persistence]);
    const started = [redis];
    try {
      await redis.said('Ready to accept connections');
      const uvicorn = ['-m', 'uvicorn', 'service:app', '--port', String(apiPort), '--log-level', 'warning'];
      const cpu = launch('python', celery('cpu'));
      started.push(launch('python', uvicorn), cpu);
      const url = `http://127.0.0.1:${apiPort}`;
      await Promise.all([untilAnswers(`${url}/openapi.json`), cpu.said(READY)]);
      return new BaselineSide(url, notes, launch, started);
    } catch (error) {
      await Promise.all(started.map((process) => process.kill()));
      throw error;
    }
  }

  pids(): number[] {
    return [...this.#processes, ...(this.#gpu ? [this.#gpu] : [])].map(({ pid }) => pid);
  }

  /** @param options `visibilityS`: when Redis gives a job that was not confirmed to another. @default Celery's, an hour */
  async startGpuWorker(options: GpuWorkerOptions & { visibilityS?: number } = {}): Promise<void> {
    const { stubMs = 0, atOnce = 1, visibilityS } = options;
    this.#gpu = this.#launch('python', celery('gpu', atOnce), {
      STUB_MS: String(stubMs),
      ...(visibilityS !== undefined && { VISIBILITY_TIMEOUT: String(visibilityS) }),
    });
    await this.#gpu.said(READY);
  }

  async killGpuWorker(): Promise<void> {
    await this.#gpu?.kill();
    this.#gpu = null;
  }

  async stop(): Promise<void> {
    await this.killGpuWorker();
    await Promise.all(this.#processes.map((process) => process.kill()));
  }
}

type Launch = (program: string, args: string[], env?: Record<string, string>) => ProcessGroup;

/** As many processes for the CPUs' queue as there are cores, Celery's default. */
function celery(queue: 'cpu' | 'gpu', atOnce?: number): string[] {
  const concurrency = atOnce === undefined ? [] : ['--concurrency', String(atOnce)];
  const quiet = ['--loglevel', 'info', '--without-gossip', '--without-mingle'];
  return [
    '-m',
    'celery',
    '--app',
    'service:celery',
    'worker',
    '-n',
    queue,
    '--queues',
    queue,
    ...concurrency,
    ...quiet,
  ];
}

/**
 * Folder of the baseline's programs (`python`, `redis-server`), in the cache, installed when it is not there.
 *
 * @throws UserError where there is no Python, or packages cannot be had
 */
async function baselineEnvironment(): Promise<string> {
  const requirements = join(BASELINE_FOLDER, 'requirements.txt');
  const name = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  return pythonVenv(join('bench', `baseline-${name}`), (pip) => pip('-r', requirements));
}

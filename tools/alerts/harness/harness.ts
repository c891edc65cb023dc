import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { keys } from '../../../storage/keys.ts';
import { freePorts } from '../../../platform/http/ports.ts';
import { launchProgram } from '../../chaos/launch-program.ts';
import { send } from '../../chaos/part.ts';
import { PatientClient, RefusedError } from '../../chaos/patient-client.ts';
import { TINIEST } from '../../chaos/requests.ts';
import { ServiceLog } from '../../chaos/service-log.ts';
import { flipped } from '../../chaos/s3-proxy.ts';
import { Stack } from '../../chaos/stack.ts';
import type { LinkState } from '../../chaos/tcp-link.ts';
import { childrenOf } from '../../harness/measure/process-tree.ts';
import type { VideoAnswer } from '../../harness/services/whole-service.ts';
import { pauses } from '../../harness/patience.ts';

/** Takes minutes, and was expected to. */
const LONG = { prompt: 'a red circle', size: '256x160', num_frames: 61, num_inference_steps: 200 };
/** Takes a moment. */
const TINY = { ...TINIEST, num_inference_steps: 2 };
/** Tiny videos that the service has learnt from what one takes. */
const LEARNT_FROM = 12;

type Process = 'api' | 'cpu-worker' | 'gpu-worker';

/** The service that faults are induced in: one real process of each kind, links between them, a small disk. */
export class AlertHarness {
  readonly stack: Stack;
  /** For a worker that is started for a fault. */
  readonly sparePort: number;
  /** The finished videos that there are from the beginning. */
  readonly learntFrom: string[] = [];
  readonly #client: PatientClient;
  readonly #patience = AbortSignal.timeout(3_600_000);
  #unfinished: string[] = [];

  private constructor(stack: Stack, sparePort: number) {
    this.stack = stack;
    this.sparePort = sparePort;
    this.#client = new PatientClient(stack.apiUrl);
  }

  /** @param folder empty */
  static async start(folder: string): Promise<AlertHarness> {
    const [sparePort = 0] = await freePorts(1);
    const settings = { CHECKPOINT_SECONDS: '1', CPU_THREADS: '1', LOG_LEVEL: 'info' };
    const harness = new AlertHarness(await Stack.start(folder, new ServiceLog(), settings, 1), sparePort);
    while (harness.learntFrom.length < LEARNT_FROM) {
      const id = await harness.createTiny();
      await harness.finished(id);
      harness.learntFrom.push(id);
    }
    return harness;
  }

  stop(): Promise<void> {
    return this.stack.stop();
  }

  /** `host:port` of everything that Prometheus watches. */
  get targets(): string[] {
    return [...this.stack.metrics.values(), `127.0.0.1:${this.sparePort}`];
  }

  pid(name: Process): Promise<number> {
    return this.stack.parts.get(`${name}-1`)!.up();
  }

  /** The inference process of the GPU worker. */
  async inference(): Promise<number[]> {
    return await childrenOf(await this.pid('gpu-worker'));
  }

  createTiny(): Promise<string> {
    return this.#create(TINY);
  }

  createLong(): Promise<string> {
    return this.#create(LONG);
  }

  async finished(id: string): Promise<VideoAnswer> {
    return await this.#client.ended(id, this.#patience);
  }

  /** Returns when it is hidden; its files may be there for longer. */
  async remove(id: string): Promise<void> {
    this.#unfinished = this.#unfinished.filter((other) => other !== id);
    await fetch(`${this.stack.apiUrl}/v1/videos/${id}`, { method: 'DELETE' });
  }

  async until(id: string, phase: string): Promise<void> {
    for (const pause = pauses(); (await this.#client.get(id, this.#patience)).phase !== phase;) await pause();
  }

  /** @param to `s3` or `temporal` @returns what makes it well again */
  link(from: Process, to: string, state: LinkState, latencyMs = 300): () => void {
    const { link } = this.stack.links.find(({ name }) => name === `${from}-1 to ${to}`)!;
    link.latencyMs = latencyMs;
    link.state = state;
    return () => (link.state = 'open');
  }

  /**
   * One other bit in what was stored, as soon as it is, and each time that it is stored anew.
   *
   * @param name of a file of the scratch store
   * @param over gives it up
   * @param times at most
   */
  async spoil(videoId: string, name: string, over: AbortSignal, times = Infinity): Promise<void> {
    const key = `${keys.prefix(videoId)}${name}`;
    const file = join(this.stack.s3.folder, 'videos', 'scratch', key);
    let spoilt: Buffer | null = null;
    for (let done = 0; !over.aborted && done < times; await sleep(5)) {
      const bytes = await readFile(file).catch(() => null);
      if (bytes === null || spoilt?.equals(bytes)) continue;
      spoilt = flipped(bytes);
      done++;
      await this.stack.scratch.put(key, spoilt);
    }
  }

  /** A further GPU worker whose weights are on a file system that hangs. @returns what ends it at once */
  async startSpareWorker(env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
    const { S3_FORCE_PATH_STYLE, ...s3 } = this.stack.s3.settings;
    const { exited, pid } = launchProgram({
      program: 'gpu-worker/worker.js',
      env: {
        ...process.env,
        ...s3,
        S3_FORCE_PATH_STYLE: String(S3_FORCE_PATH_STYLE),
        SCRATCH_URL: 's3://videos/scratch',
        TEMPORAL_ADDRESS: this.stack.temporalAddress,
        HEALTH_PORT: String(this.sparePort),
        ...env,
      },
      logFile: join(this.stack.folder, 'spare-worker.log'),
      take: () => {},
    });
    return async () => {
      send(pid, 'SIGKILL');
      await exited;
    };
  }

  /** Ends all videos, and waits until nothing is at work. */
  async quiet(): Promise<void> {
    for (const id of this.#unfinished.splice(0)) {
      await this.#client.cancel(id, this.#patience).catch((error: unknown) => {
        if (!(error instanceof RefusedError)) throw error;
      });
      await this.finished(id);
    }
    await this.stack.ready();
  }

  async #create(fields: object): Promise<string> {
    const id = await this.#client.create(fields, randomUUID(), this.#patience);
    this.#unfinished.push(id);
    return id;
  }
}

import { loadProfile } from '../../platform/model/model-profile.ts';
import type { Logger } from '../../platform/log/logger.ts';
import type { ModelProfile } from '../../contract/model-profile.ts';
import type { DeviceConfig } from './config.ts';
import { deviceKind, readGpus } from './gpus.ts';
import type { GpuWorkerMetrics } from '../metrics/gpu-worker-metrics.ts';
import { modelIdentity } from './model-identity.ts';
import { Mochi, type NumericalError } from '../families/mochi/index.ts';

/** How often an idle worker checks that its inference processes are alive. */
const CHECK_INTERVAL_MS = 5_000;

/**
 * The worker's one model: loaded before the first job, loaded again after an inference process was lost. Everything
 * heavy happens in the inference processes, never in this one.
 */
export class ModelHost {
  /** As configured, e.g. `cuda:0,cuda:1`. */
  readonly devices: string;
  readonly deviceCount: number;
  /** What kind they are, e.g. `2x NVIDIA H100 80GB HBM3`; known once the model is loaded. */
  kind = 'cpu';
  readonly #config: DeviceConfig;
  readonly #log: Logger;
  readonly #metrics: GpuWorkerMetrics;
  readonly #onFailed: (error: unknown) => void;
  #loaded: { model: Mochi; profile: ModelProfile; identity: string } | null = null;
  #warmSince = 0;
  #busy: Promise<void> | null = null;
  #check: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param onFailed the model could not be loaded again: this worker can do no more jobs. */
  constructor(config: DeviceConfig, log: Logger, metrics: GpuWorkerMetrics, onFailed: (error: unknown) => void) {
    this.devices = config.DEVICES.join(',');
    this.deviceCount = config.DEVICES.length;
    this.#config = config;
    this.#log = log;
    this.#metrics = metrics;
    this.#onFailed = onFailed;
  }

  /** @throws ModelFolderError, OutOfMemoryError, DeviceLostError; Error for an invalid profile */
  async load(): Promise<void> {
    const { MODEL_DIR, DEVICES, COMPUTE_TYPE, CPU_THREADS, LOAD_DEADLINE } = this.#config;
    const before = performance.now();
    const profile = await loadProfile(MODEL_DIR);
    this.kind = deviceKind(DEVICES, await readGpus());
    const model = await Mochi.load(MODEL_DIR, {
      devices: DEVICES,
      computeType: COMPUTE_TYPE,
      threads: CPU_THREADS,
      loadDeadlineMs: LOAD_DEADLINE * 1000,
    });
    this.#loaded = { model, profile, identity: await modelIdentity(MODEL_DIR) };
    if (this.#closed) await model.close();
    this.#check = setInterval(() => void this.acquire().catch(() => {}), CHECK_INTERVAL_MS).unref();
    this.#log.info({ model: profile.id, devices: this.devices, loadS: this.#loadedSince(before) }, 'Weights loaded');
  }

  /** Null when a job can be taken; else what is missing, for `/readyz`. */
  get missing(): string | null {
    if (!this.#loaded) return 'loading the weights';
    if (this.#busy) return 'loading the weights again';
    return this.#loaded.model.healthy ? null : 'an inference process is gone';
  }

  /** The model that is held, and since when, in unix seconds; null before the first. */
  get warm(): { model: string; since: number } | null {
    return this.#loaded && { model: this.#loaded.profile.id, since: this.#warmSince };
  }

  get profile(): ModelProfile {
    return this.#ready.profile;
  }

  /** What tells the model from others, see {@link modelIdentity}. */
  get weights(): string {
    return this.#ready.identity;
  }

  /** Besides the job's own settings, everything that decides its pixels. */
  get fingerprint(): string[] {
    const { identity, model } = this.#ready;
    const { COMPUTE_TYPE } = this.#config;
    return [
      identity,
      this.#config.DEVICES[0]!.replace(/:.*/, ''),
      COMPUTE_TYPE ?? 'default',
      JSON.stringify(model.tiling),
    ];
  }

  /**
   * The model, with every process alive: loads it again where one was lost.
   *
   * @throws what loading it again has failed with
   */
  async acquire(): Promise<Mochi> {
    const { model } = this.#ready;
    await this.#busy;
    if (!model.healthy) await this.restart();
    return model;
  }

  /** Ends the inference processes and loads the weights into new ones; joins a restart that is under way. */
  restart(): Promise<void> {
    this.#busy ??= this.#restart().finally(() => (this.#busy = null));
    return this.#busy;
  }

  /** Ends the inference processes at once: what they were asked for fails with DeviceLostError. */
  kill(): void {
    void this.#ready.model.close();
  }

  /**
   * What of its weights explains an error of numbers, in words; null where they are sound.
   *
   * @throws the signal's reason
   */
  explain({ component }: NumericalError, signal: AbortSignal): Promise<string | null> {
    return this.#ready.model.findDamagedTensor(component, signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#check);
    await this.#loaded?.model.close();
  }

  async #restart(): Promise<void> {
    if (this.#closed) throw new Error('The worker is shutting down');
    const before = performance.now();
    this.#log.warn('Starting new inference processes');
    try {
      await this.#ready.model.restart();
      this.#log.info({ loadS: this.#loadedSince(before) }, 'Weights loaded again');
    } catch (error) {
      if (!this.#closed) this.#onFailed(error);
      throw error;
    }
  }

  /** Counts a load; its seconds, for the log. */
  #loadedSince(before: number): number {
    const seconds = (performance.now() - before) / 1000;
    this.#metrics.modelLoadSeconds.set(seconds);
    this.#metrics.modelLoads.inc();
    this.#warmSince = Math.floor(Date.now() / 1000);
    return Math.round(seconds * 10) / 10;
  }

  get #ready() {
    if (!this.#loaded) throw new Error('The model is not loaded yet');
    return this.#loaded;
  }
}

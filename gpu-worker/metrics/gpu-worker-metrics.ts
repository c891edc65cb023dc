import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { SECONDS } from '../../platform/metrics/registry.ts';

/** Steps take 10 ms on the tiny model, minutes on the largest shapes. */
const STEP_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 60, 120];
const MEGABYTE = 1_000_000;

/**
 * What became of the seconds that devices worked: `finished` ones are in a finished video's frames, `carried_over` ones in
 * a checkpoint that the next attempt goes on from, the rest was for nothing.
 */
export type GpuTimeUse = 'finished' | 'carried_over' | 'wasted';

/** All that the GPU worker tells Prometheus of its work. Labels are closed sets: nothing of an account or a prompt. */
export class GpuWorkerMetrics {
  readonly registry: Registry;
  readonly busy;
  readonly lastProgress;
  readonly waitSeconds;
  readonly stepSeconds;
  readonly phaseSeconds;
  readonly modelLoadSeconds;
  readonly modelLoads;
  readonly checkpoints;
  readonly checkpointBytes;
  readonly checkpointSeconds;
  readonly resumes;
  readonly stepsRedone;
  readonly cancelSeconds;
  readonly gpuSeconds;
  readonly peakMemory;
  /** Unix ms of the newest checkpoint of the running job, or of its beginning; null while idle. */
  checkpointedAt: number | null = null;

  /** @param pricePerGpuHour in any currency @default unknown */
  constructor(registry: Registry, pricePerGpuHour?: number) {
    const registers = [(this.registry = registry)];
    this.busy = new Gauge({
      name: 'kinora_gpu_worker_busy',
      help: '1 while a job is on the device, else 0.',
      registers,
    });
    this.lastProgress = new Gauge({
      name: 'kinora_last_progress_timestamp_seconds',
      help: 'Unix time at which the running job, or the last one, came a step or a chunk of frames further.',
      registers,
    });
    this.waitSeconds = new Histogram({
      name: 'kinora_queue_wait_seconds',
      help: 'Seconds that jobs waited for a GPU worker, before their first attempt.',
      labelNames: ['class'],
      buckets: SECONDS,
      registers,
    });
    this.stepSeconds = new Histogram({
      name: 'kinora_step_seconds',
      help: 'Seconds of denoising steps.',
      labelNames: ['class'],
      buckets: STEP_SECONDS,
      registers,
    });
    this.phaseSeconds = new Histogram({
      name: 'kinora_phase_seconds',
      help: 'Seconds of a job by phase: loading, starting (text and first step), denoising, decoding, storing.',
      labelNames: ['phase', 'class'],
      buckets: SECONDS,
      registers,
    });
    this.modelLoadSeconds = new Gauge({
      name: 'kinora_model_load_seconds',
      help: 'Seconds that loading the weights took, the last time.',
      registers,
    });
    this.modelLoads = new Counter({
      name: 'kinora_model_loads_total',
      help: 'Times that the weights were loaded: at the start, and after an inference process was lost.',
      registers,
    });
    this.checkpoints = new Counter({
      name: 'kinora_checkpoints_total',
      help: 'Checkpoints by result: stored, or failed.',
      labelNames: ['result'],
      registers,
    });
    this.checkpointBytes = new Histogram({
      name: 'kinora_checkpoint_bytes',
      help: 'Sizes of stored checkpoints.',
      buckets: [0.01, 0.1, 1, 2, 5, 10, 20, 50, 100].map((size) => size * MEGABYTE),
      registers,
    });
    this.checkpointSeconds = new Histogram({
      name: 'kinora_checkpoint_store_seconds',
      help: 'Seconds that storing a checkpoint took, beside the running steps.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    const checkpointAge: Gauge = new Gauge({
      name: 'kinora_checkpoint_age_seconds',
      help: 'Seconds since the running job was last safe: what a crash now would cost. 0 while idle.',
      registers,
      collect: () => {
        checkpointAge.set(this.checkpointedAt === null ? 0 : (Date.now() - this.checkpointedAt) / 1000);
      },
    });
    this.resumes = new Counter({
      name: 'kinora_resumes_total',
      help: 'Attempts that went on from a checkpoint.',
      registers,
    });
    this.stepsRedone = new Counter({
      name: 'kinora_steps_redone_total',
      help: 'Steps that an earlier attempt had reported and that were done again.',
      registers,
    });
    this.cancelSeconds = new Histogram({
      name: 'kinora_cancel_seconds',
      help: "Seconds from a cancel's arrival at the worker until the device was free.",
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30],
      registers,
    });
    this.gpuSeconds = new Counter({
      name: 'kinora_gpu_seconds_total',
      help: 'Seconds of work times devices, by what became of it: finished, carried_over or wasted.',
      labelNames: ['use'],
      registers,
    });
    this.peakMemory = new Gauge({
      name: 'kinora_peak_memory_bytes',
      help: 'Most memory that the last finished job had in use on one device.',
      registers,
    });
    if (pricePerGpuHour !== undefined) {
      new Gauge({ name: 'kinora_gpu_hour_price', help: 'Price of an hour of one GPU, as set.', registers }).set(
        pricePerGpuHour,
      );
    }
    for (const use of ['finished', 'carried_over', 'wasted'] satisfies GpuTimeUse[]) this.gpuSeconds.inc({ use }, 0);
    for (const result of ['stored', 'failed']) this.checkpoints.inc({ result }, 0);
  }

  /** A job has come a step or a chunk further. */
  progressed(): void {
    this.lastProgress.set(Date.now() / 1000);
  }
}

import type { Info } from '@temporalio/activity';
import type { JobClass } from '../../contract/video-job.ts';
import type { GenerateResult } from '../../contract/results.ts';
import type { StepClock } from './step-clock.ts';
import type { GpuTimeUse, GpuWorkerMetrics } from '../metrics/gpu-worker-metrics.ts';

const MEGABYTE = 1_048_576;

/** Counts one attempt at a job. */
export class AttemptMeter {
  readonly #metrics: GpuWorkerMetrics;
  readonly #class: JobClass;
  readonly #devices: number;
  #cancelledAt: number | null = null;

  /** @param devices how many the worker has */
  constructor(metrics: GpuWorkerMetrics, info: Info, jobClass: JobClass = 'short', devices: number) {
    this.#metrics = metrics;
    this.#class = jobClass;
    this.#devices = devices;
    metrics.busy.set(1);
    metrics.checkpointedAt = Date.now();
    metrics.progressed();
    // Later attempts wait for their backoff, not for a worker.
    if (info.attempt === 1)
      metrics.waitSeconds.observe({ class: jobClass }, (Date.now() - info.scheduledTimestampMs) / 1000);
  }

  /** @param reported step that an earlier attempt had reached @param from step that this one goes on from */
  resumed(reported: number, from: number): void {
    if (from > 0) this.#metrics.resumes.inc();
    this.#metrics.stepsRedone.inc(Math.max(0, reported - from));
  }

  /** The attempt is to stop; `asked` where a user wants that. */
  stopping(asked: boolean): void {
    if (asked) this.#cancelledAt = performance.now();
  }

  /** The frames are stored. */
  finished({ timing, peakMemoryMb }: GenerateResult, clock: StepClock): void {
    const { phaseSeconds, peakMemory } = this.#metrics;
    phaseSeconds.observe({ phase: 'loading', class: this.#class }, timing.loadS);
    for (const phase of ['starting', 'denoising', 'decoding', 'storing'] as const) {
      phaseSeconds.observe({ phase, class: this.#class }, clock.seconds(phase));
    }
    peakMemory.set(peakMemoryMb * MEGABYTE);
  }

  /** @param clock of the work, where there was any */
  ended(use: GpuTimeUse, clock: StepClock | undefined): void {
    const { busy, gpuSeconds, cancelSeconds } = this.#metrics;
    busy.set(0);
    this.#metrics.checkpointedAt = null;
    gpuSeconds.inc({ use }, (clock?.deviceSeconds ?? 0) * this.#devices);
    if (this.#cancelledAt !== null) cancelSeconds.observe((performance.now() - this.#cancelledAt) / 1000);
  }
}

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Context } from '@temporalio/activity';
import { deleteIfUnchanged, Lease } from '../../storage/lease.ts';
import type { ObjectInfo } from '../../storage/object-store.ts';
import { confirmAttempt } from '../../temporal/confirm-attempt.ts';
import { failure } from '../../contract/failure.ts';
import type { Logger } from '../../platform/log/logger.ts';
import { isPending } from '../../temporal/pending-activity.ts';
import type { GenerateVideoInput } from '../../contract/video-job.ts';
import type { GenerateHeartbeat } from '../../contract/progress.ts';
import type { GenerateResult } from '../../contract/results.ts';
import { configHash, newestCheckpoint } from '../checkpoints/checkpoint.ts';
import { MAX_CRASHES, crashesBefore, type AttemptName, lastEnded, noteEnd } from './crash-count.ts';
import { failureOf, handedOver, numericalFailure } from './failures.ts';
import { finishedFrames } from '../checkpoints/frames-file.ts';
import type { GenerateDeps } from './generate.ts';
import { Generation, KILL_GRACE_MS } from './generation.ts';
import { raisePriority } from './raise-priority.ts';
import { firstHeartbeat, Heartbeat, previousHeartbeat } from './heartbeat.ts';
import { AttemptMeter } from './attempt-meter.ts';
import type { GpuTimeUse } from '../metrics/gpu-worker-metrics.ts';
import { DeviceLostError, NumericalError, OutOfMemoryError } from '../families/mochi/index.ts';
import { ofScratch } from '../checkpoints/scratch-error.ts';
import { sealOf } from '../checkpoints/seal.ts';
import type { DecodeRate } from './time-left.ts';
import { timeLimit, untilAborted } from '../../platform/flow/deadline.ts';

/** Temporal answers within that, or is away. */
const ASK_MS = 3_000;
/** Weights of tens of GB on a disk that is no slower than most. */
const EXPLAIN_MS = 120_000;

/** Attempts follow one another; one histogram is 360 KiB that the garbage collector does not see. */
const loop = monitorEventLoopDelay({ resolution: 10 });

/** One attempt at one video: resumes where the last one got to, and ends so that the next one loses nothing. */
export class Attempt {
  readonly #deps: GenerateDeps;
  readonly #rate: DecodeRate;
  readonly #input: GenerateVideoInput;
  readonly #context: Context;
  readonly #log: Logger;
  readonly #previous: GenerateHeartbeat | null;
  readonly #heartbeat: Heartbeat;
  readonly #lease: Lease;
  readonly #meter: AttemptMeter;
  readonly #raisePriority: () => Promise<void>;
  readonly #name: AttemptName;
  #crashes: number;
  #generation: Generation | null = null;
  /** The next attempt goes on from where this one ended. */
  #flushed = false;

  constructor(deps: GenerateDeps, rate: DecodeRate, input: GenerateVideoInput, context: Context) {
    const { attempt, heartbeatDetails } = context.info;
    const { spec, videoId } = input;
    this.#deps = deps;
    this.#rate = rate;
    this.#input = input;
    this.#context = context;
    this.#name = { videoId, runId: context.info.workflowExecution?.runId ?? '', attempt };
    this.#log = deps.log.child({ videoId, attempt });
    this.#meter = new AttemptMeter(deps.metrics, context.info, input.jobClass, deps.host.deviceCount);
    this.#raisePriority = raisePriority(context, input.jobClass ?? 'short', this.#log);
    this.#previous = previousHeartbeat(heartbeatDetails);
    this.#crashes = this.#previous?.crashes ?? 0;
    this.#lease = new Lease(context.info.heartbeatTimeoutMs || Infinity);
    this.#heartbeat = new Heartbeat(
      firstHeartbeat(this.#previous, spec, attempt),
      (details) => {
        context.heartbeat(details);
        deps.onHeartbeat?.(videoId, details);
      },
      () => (this.#generation?.clock.overdueMs ?? 0) < KILL_GRACE_MS,
      this.#lease,
    );
  }

  /** @throws ApplicationFailure with a code of the error table; CancelledFailure once the device is idle. */
  async run(): Promise<GenerateResult> {
    loop.reset();
    loop.enable();
    const { cancellationSignal } = this.#context;
    let use: GpuTimeUse = 'wasted';
    const stop = () => {
      this.#meter.stopping(this.#context.cancellationDetails?.cancelRequested ?? false);
      this.#log.info({ reason: (cancellationSignal.reason as Error).message }, 'Stopping after the running step');
      this.#generation?.clock.shortenDeadline();
    };
    cancellationSignal.addEventListener('abort', stop, { once: true });
    try {
      // At a shutdown nothing waits for the running step: it would end too late anyway.
      const result = await untilAborted(this.#deps.shutdown, this.#make());
      use = 'finished';
      return result;
    } catch (error) {
      await this.#generation?.close();
      const thrown = await this.#end(error);
      if (this.#flushed) use = 'carried_over';
      throw thrown;
    } finally {
      await this.#generation?.close();
      this.#meter.ended(use, this.#generation?.clock);
      this.#heartbeat.stop();
      this.#lease.release();
      loop.disable();
      const { step } = this.#heartbeat.details;
      this.#log.info({ step, eventLoopMaxMs: Math.round(loop.max / 1e6) }, 'Attempt ended');
    }
  }

  async #make(): Promise<GenerateResult> {
    const { host, scratch, shutdown } = this.#deps;
    const { videoId, spec } = this.#input;
    const log = this.#log;
    const startedAt = performance.now();
    if (spec.model !== host.profile.id) {
      throw failure('model_mismatch', `The worker holds ${host.profile.id}, not ${spec.model}.`);
    }
    await confirmAttempt(this.#context, this.#heartbeat.details);
    const config = configHash(spec, host.fingerprint);
    const of = { config, seal: sealOf(this.#deps.scratchKeys(), videoId) };
    const finished = await ofScratch(finishedFrames(scratch, videoId, config, of.seal));
    if (finished) {
      log.info('The frames were finished by an earlier attempt');
      return finished;
    }
    const resumed = await ofScratch(newestCheckpoint(scratch, videoId, of, log));
    await this.#countCrashes(resumed?.step ?? 0);
    this.#meter.resumed(this.#previous?.step ?? 0, resumed?.step ?? 0);
    this.#generation = new Generation({
      deps: this.#deps,
      input: this.#input,
      of,
      resumed,
      heartbeat: this.#heartbeat,
      lease: this.#lease,
      rate: this.#rate,
      onCheckpoint: () => void this.#raisePriority(),
      log,
    });
    log.info({ resumedFromStep: resumed?.step ?? 0, crashes: this.#crashes }, 'Generating');
    const { cancellationSignal } = this.#context;
    const model = await untilAborted(cancellationSignal, host.acquire());
    const loadS = (performance.now() - startedAt) / 1000;
    const result = await this.#generation.run(model, AbortSignal.any([cancellationSignal, shutdown]), loadS);
    this.#meter.finished(result, this.#generation.clock);
    const { resumedFromStep, inferenceTimeS, numFrames } = result;
    log.info({ resumedFromStep, inferenceTimeS, numFrames }, 'Frames stored');
    return result;
  }

  /** @throws ApplicationFailure `worker_lost`, before the device is touched; ScratchError */
  async #countCrashes(fromStep: number): Promise<void> {
    const ended = await ofScratch(lastEnded(this.#deps.scratch, this.#name));
    const before = { previous: this.#previous, fromStep, lastEnded: ended };
    this.#crashes = crashesBefore(this.#name.attempt, before);
    this.#heartbeat.update({ crashes: this.#crashes, fromStep });
    if (this.#crashes >= MAX_CRASHES) throw failure('worker_lost');
  }

  /** Leaves everything as the next attempt, or the next job, needs it. @returns the error to throw */
  async #end(error: unknown): Promise<unknown> {
    const { host, shutdown } = this.#deps;
    const { cancellationSignal: cancelled, cancellationDetails: why } = this.#context;
    if (shutdown.aborted && !why?.cancelRequested) {
      await Promise.all([this.#flush(cancelled), this.#noteEnd(cancelled)]);
      this.#heartbeat.update({ crashes: 0, clean: true });
      this.#log.info({ checkpointStep: this.#heartbeat.details.checkpointStep }, 'Handed over');
      return handedOver();
    }
    if (cancelled.aborted) {
      // A cancelled job leaves nothing. Otherwise the attempt was only given up, e.g. as Temporal was away for long.
      if (!why?.cancelRequested) await this.#leaveToNext();
      this.#heartbeat.update({ crashes: 0, clean: true });
      this.#log.info('Stopped');
      return cancelled.reason;
    }
    if (!this.#lease.held) {
      this.#log.warn('Stood still for too long: the job is left to another attempt');
      await this.#leaveToNext();
      return handedOver();
    }
    if (error instanceof DeviceLostError) return this.#deviceLost(this.#generation?.lost ?? error);
    if (error instanceof NumericalError) return this.#notFinite(error);
    if (error instanceof OutOfMemoryError) void host.restart().catch(() => {});
    const failed = failureOf(error);
    // Its end is not heard: it was given up before it began.
    if (failed.type === 'worker_shutdown') await this.#leaveToNext();
    const counted = failed.type === 'worker_lost' || failed.type === 'model_mismatch';
    this.#heartbeat.update({ crashes: counted ? this.#crashes : 0, clean: true });
    return failed;
  }

  /** For values that are not finite, of which none were stored or shown. */
  async #notFinite(error: NumericalError): Promise<unknown> {
    const { host, shutdown } = this.#deps;
    const stop = timeLimit(EXPLAIN_MS, shutdown, this.#context.cancellationSignal);
    const damage = await host
      .explain(error, stop)
      .catch((reason: Error) => `the weights were not read: ${reason.message}`);
    const why = damage ?? 'every weight is finite, so the settings or the device are the cause';
    this.#log.error({ err: error, why }, 'Computed what is not finite');
    this.#heartbeat.update({ crashes: 0, clean: true });
    return numericalFailure(error, why);
  }

  /** Stores the latents and an orderly end for the next attempt; nothing where the job has ended, for it would stay. */
  async #leaveToNext(): Promise<void> {
    if ((await isPending(this.#context, AbortSignal.timeout(ASK_MS))) === false) return;
    const signal = AbortSignal.timeout(KILL_GRACE_MS);
    const left = await Promise.all([this.#flush(signal), this.#noteEnd(signal)]);
    // The job may have ended meanwhile, and its clean-up too. While Temporal is away there is nothing else to do.
    if ((await isPending(this.#context, this.#deps.shutdown)) !== false) return;
    for (const stored of left) if (stored) await deleteIfUnchanged(this.#deps.scratch, stored).catch(() => {});
  }

  async #flush(signal: AbortSignal): Promise<ObjectInfo | null> {
    if (!this.#lease.held) return null;
    const stored = (await this.#generation?.keeper.flush(signal)) ?? null;
    if (this.#heartbeat.details.checkpointKey !== null) await this.#raisePriority();
    this.#flushed = true;
    return stored;
  }

  async #noteEnd(signal: AbortSignal): Promise<ObjectInfo | null> {
    return noteEnd(this.#deps.scratch, this.#name, signal).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'The end of the attempt could not be noted: it may count as a crash');
      return null;
    });
  }

  /** The job may be what crashed the process: that counts like a crash of the whole worker. */
  async #deviceLost(lost: DeviceLostError): Promise<unknown> {
    // The latents are here, not with the lost process: no finished step need be done again.
    await this.#flush(AbortSignal.timeout(KILL_GRACE_MS));
    const { checkpointStep, fromStep = 0 } = this.#heartbeat.details;
    this.#crashes = (checkpointStep > fromStep ? 0 : this.#crashes) + 1;
    this.#heartbeat.update({ crashes: this.#crashes, clean: true });
    this.#log.error({ err: lost, crashes: this.#crashes }, 'Device lost');
    const { host, shutdown } = this.#deps;
    const { cancellationSignal } = this.#context;
    try {
      await untilAborted(AbortSignal.any([shutdown, cancellationSignal]), host.acquire());
    } catch (error) {
      if (shutdown.aborted) return handedOver();
      if (cancellationSignal.aborted) return cancellationSignal.reason;
      this.#log.error({ err: error }, 'The inference processes could not be started again');
    }
    return this.#crashes >= MAX_CRASHES ? failure('worker_lost', undefined, { cause: lost }) : failureOf(lost);
  }
}

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Context } from '@temporalio/activity';
import { keys } from '../storage/keys.ts';
import { failure } from '../temporal/failures.ts';
import type { Logger } from '../temporal/logger.ts';
import {
  type GenerateHeartbeat,
  type GenerateResult,
  type GenerateVideoInput,
  generatedShape,
} from '../workflows/contract.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { type Checkpoint, configHash, newestCheckpoint } from './checkpoint.ts';
import { MAX_CRASHES, crashesBefore } from './crash-count.ts';
import { failureOf, handedOver } from './failures.ts';
import { finishedFrames, recordFrames, storeFrames } from './frames-file.ts';
import type { GenerateDeps } from './generate.ts';
import { Heartbeat, previousHeartbeat } from './heartbeat.ts';
import { DeviceLostError, type FrameChunk, type GenerateProgress, OutOfMemoryError } from './mochi/index.ts';
import { StepClock, type Work } from './step-clock.ts';
import { type DecodeRate, TimeLeft } from './time-left.ts';
import { untilAborted } from './until-aborted.ts';

/** A killed process is gone in milliseconds; one that is not hangs in its driver. */
const KILL_GRACE_MS = 10_000;

/** One attempt at one video: resumes, generates, keeps checkpoints, and ends so that the next attempt loses nothing. */
export class Attempt {
  readonly #deps: GenerateDeps;
  readonly #input: GenerateVideoInput;
  readonly #context: Context;
  readonly #log: Logger;
  readonly #previous: GenerateHeartbeat | null;
  readonly #heartbeat: Heartbeat;
  readonly #clock: StepClock;
  readonly #timeLeft: TimeLeft;
  readonly #shape: ReturnType<typeof generatedShape>;
  readonly #storing = new AbortController();
  #crashes: number;
  #keeper: CheckpointKeeper | null = null;
  #carriedSeconds = 0;
  #lost: DeviceLostError | null = null;
  #over = false;

  constructor(deps: GenerateDeps, rate: DecodeRate, input: GenerateVideoInput, context: Context) {
    const { attempt, heartbeatDetails } = context.info;
    this.#deps = deps;
    this.#input = input;
    this.#context = context;
    this.#log = deps.log.child({ videoId: input.videoId, attempt });
    this.#shape = generatedShape(input.spec);
    const steps = input.spec.numInferenceSteps;
    this.#timeLeft = new TimeLeft(rate, steps, this.#shape);
    this.#clock = new StepClock(deps.config.STEP_DEADLINE && deps.config.STEP_DEADLINE * 1000, (work) =>
      this.#onExpired(work),
    );
    this.#previous = previousHeartbeat(heartbeatDetails);
    this.#crashes = crashesBefore(attempt, this.#previous);
    this.#heartbeat = new Heartbeat(
      {
        phase: this.#previous?.phase ?? 'loading',
        step: this.#previous?.step ?? 0,
        steps,
        frames: this.#previous?.frames ?? 0,
        totalFrames: this.#shape.numFrames,
        checkpointKey: this.#previous?.checkpointKey ?? null,
        checkpointStep: this.#previous?.checkpointStep ?? 0,
        etaSeconds: null,
        attempt,
        crashes: this.#crashes,
        clean: false,
      },
      (details) => context.heartbeat(details),
      () => this.#clock.overdueMs < KILL_GRACE_MS,
    );
  }

  /** @throws ApplicationFailure with a code of the error table; CancelledFailure once the device is idle. */
  async run(): Promise<GenerateResult> {
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();
    const hurry = () => this.#clock.hurry();
    this.#context.cancellationSignal.addEventListener('abort', hurry, { once: true });
    try {
      // At a shutdown nothing waits for the running step: its latents would come too late anyway.
      return await untilAborted(this.#deps.shutdown, this.#make());
    } catch (error) {
      throw await this.#end(error);
    } finally {
      this.#clock.stop();
      this.#heartbeat.stop();
      await this.#keeper?.close();
      loop.disable();
      this.#log.info({ eventLoopMaxMs: Math.round(loop.max / 1e6) }, 'Attempt ended');
    }
  }

  async #make(): Promise<GenerateResult> {
    const { host, scratch, shutdown } = this.#deps;
    const { videoId, spec } = this.#input;
    if (spec.model !== host.profile.id) {
      throw failure('model_mismatch', `The worker holds ${host.profile.id}, not ${spec.model}.`);
    }
    const config = configHash(spec, host.fingerprint);
    const finished = await finishedFrames(scratch, videoId, config);
    if (finished) {
      this.#log.info('Frames were finished by an earlier attempt');
      return finished;
    }
    const resumed = await newestCheckpoint(scratch, videoId, config, this.#log);
    this.#countCrashes(resumed);
    this.#keeper = this.#keepCheckpoints(config, resumed);
    this.#carriedSeconds = resumed?.seconds ?? 0;
    const resumedFromStep = resumed?.step ?? 0;
    this.#log.info({ resumedFromStep, crashes: this.#crashes }, 'Generating');

    const { cancellationSignal } = this.#context;
    const model = await untilAborted(cancellationSignal, host.acquire());
    const signal = AbortSignal.any([cancellationSignal, shutdown, this.#storing.signal]);
    const chunks = model.generate({
      // The spec's names are the model's; its size is what is cut out of the generated one.
      ...spec,
      ...this.#shape,
      maxSequenceLength: host.profile.maxPromptTokens,
      ...(resumed && { latents: resumed.latents, startStep: resumed.step }),
      signal,
      onProgress: (progress) => this.#onProgress(progress),
    });
    const frames = await storeFrames(scratch, this.#input, this.#watched(chunks), signal);
    this.#clock.stop();
    const result: GenerateResult = {
      framesKey: keys.frames(videoId),
      framesSha256: frames.sha256,
      width: this.#shape.width,
      height: this.#shape.height,
      numFrames: frames.frames,
      inferenceTimeS: this.#workSeconds,
      // Only a number for the record: a process that dies now has done its work.
      peakMemoryMb: await model.peakMemoryMb().catch(() => 0),
      resumedFromStep,
      device: host.devices,
    };
    await recordFrames(scratch, videoId, { config, etag: frames.etag, result });
    this.#log.info({ resumedFromStep, inferenceTimeS: result.inferenceTimeS, frames: frames.frames }, 'Frames stored');
    return result;
  }

  /** @throws ApplicationFailure `worker_lost`, before the device is touched */
  #countCrashes(resumed: Checkpoint | null): void {
    const previous = this.#previous;
    // An attempt that Temporal could not hear any more may have ended well all the same, and said so in the store.
    const orderly = previous !== null && resumed?.endedAttempt === previous.attempt;
    this.#crashes = crashesBefore(
      this.#context.info.attempt,
      orderly ? { ...previous, crashes: 0, clean: true } : previous,
    );
    this.#heartbeat.update({ crashes: this.#crashes });
    if (this.#crashes >= MAX_CRASHES) throw failure('worker_lost');
  }

  #keepCheckpoints(config: string, resumed: Checkpoint | null): CheckpointKeeper {
    const { videoId, spec } = this.#input;
    const onStored = (checkpointKey: string, checkpointStep: number) =>
      this.#heartbeat.update({ checkpointKey, checkpointStep });
    if (resumed) onStored(keys.checkpoint(videoId, resumed.step), resumed.step);
    return new CheckpointKeeper({
      store: this.#deps.scratch,
      videoId,
      seed: spec.seed,
      config,
      resumed,
      onStored,
      log: this.#log,
      everySeconds: this.#deps.config.CHECKPOINT_SECONDS,
      everySteps: this.#deps.config.CHECKPOINT_STEPS,
    });
  }

  /** Passes chunks on. The device has a deadline while one is awaited, the store while one is used. */
  async *#watched(chunks: AsyncIterable<FrameChunk>): AsyncGenerator<FrameChunk, void, void> {
    const { numFrames } = this.#shape;
    let frames = 0;
    this.#clock.begin('starting');
    for await (const chunk of chunks) {
      this.#clock.begin('storing');
      frames += chunk.frames;
      const etaSeconds = this.#timeLeft.afterFrames(frames, numFrames, this.#clock.seconds('decoding'));
      this.#heartbeat.update({ phase: 'decoding', frames, etaSeconds });
      yield chunk;
      this.#clock.begin('decoding');
    }
    this.#clock.begin('storing');
  }

  #onProgress(progress: GenerateProgress): void {
    if (this.#over) return;
    if (progress.phase === 'encoding_text') this.#heartbeat.update({ phase: 'encoding_text' });
    if (progress.phase !== 'denoising') return;
    const { step, steps, latents, seconds } = progress;
    const last = step === steps;
    this.#clock.begin(last ? 'decoding' : 'denoising');
    this.#log.debug({ step, steps, seconds }, 'Step');
    this.#heartbeat.update({ phase: 'denoising', step, etaSeconds: this.#timeLeft.afterStep(step, seconds) });
    this.#keeper?.offer({ step, latents, seconds: this.#workSeconds, endedAttempt: null }, seconds, last);
  }

  get #workSeconds(): number {
    return this.#carriedSeconds + this.#clock.deviceSeconds;
  }

  #onExpired(work: Work): void {
    const seconds = Math.round(this.#clock.limitMs / 1000);
    if (work === 'storing') {
      this.#storing.abort(new Error(`The scratch store did not take the frames within ${seconds} s`));
      return;
    }
    this.#lost = new DeviceLostError(`${work} did not end within ${seconds} s: its processes were killed`);
    this.#log.error({ work, seconds }, 'The device hangs: killing its processes');
    this.#deps.host.kill();
    setTimeout(() => {
      if (this.#clock.overdueMs > 0) this.#deps.giveUp('an inference process could not be killed');
    }, KILL_GRACE_MS).unref();
  }

  /** Leaves everything as the next attempt, or the next job, needs it; returns what to throw. */
  async #end(error: unknown): Promise<unknown> {
    this.#over = true;
    const { host, shutdown } = this.#deps;
    const { cancellationSignal: cancelled, cancellationDetails, info } = this.#context;
    const why = cancellationDetails;
    if (shutdown.aborted && !why?.cancelRequested) {
      await this.#keeper?.flush(info.attempt, cancelled);
      this.#heartbeat.update({ crashes: 0, clean: true });
      this.#log.info({ checkpointStep: this.#heartbeat.details.checkpointStep }, 'Handed over');
      return handedOver();
    }
    if (cancelled.aborted) {
      // Whoever is told to stop for good leaves nothing; else somebody will go on.
      if (why?.timedOut || why?.paused) await this.#keeper?.flush(info.attempt, AbortSignal.timeout(KILL_GRACE_MS));
      this.#heartbeat.update({ crashes: 0, clean: true });
      this.#log.info({ reason: (cancelled.reason as Error).message }, 'Stopped');
      return cancelled.reason;
    }
    if (error instanceof DeviceLostError) return this.#deviceLost(this.#lost ?? error);
    if (error instanceof OutOfMemoryError) void host.restart().catch(() => {});
    const failed = failureOf(error);
    const counted = failed.type === 'worker_lost' || failed.type === 'model_mismatch';
    this.#heartbeat.update({ clean: true, crashes: counted ? this.#crashes : 0 });
    return failed;
  }

  /** The job may be what crashed the process: that counts like a crash of the whole worker. */
  async #deviceLost(lost: DeviceLostError): Promise<unknown> {
    this.#crashes += 1;
    this.#heartbeat.update({ clean: true, crashes: this.#crashes });
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
    return this.#crashes >= MAX_CRASHES ? failure('worker_lost', undefined, lost) : failureOf(lost);
  }
}

import { keys } from '../../storage/keys.ts';
import type { Logger } from '../../platform/log/logger.ts';
import { type GenerateVideoInput, generatedShape } from '../../contract/video-job.ts';
import type { GenerateResult } from '../../contract/results.ts';
import { CheckpointKeeper } from '../checkpoints/checkpoint-keeper.ts';
import type { Checkpoint, CheckpointOf } from '../checkpoints/checkpoint.ts';
import { recordFrames, storeFrames } from '../checkpoints/frames-file.ts';
import type { GenerateDeps } from './generate.ts';
import type { Heartbeat } from './heartbeat.ts';
import { DeviceLostError, type FrameChunk, type GenerateProgress, type Mochi } from '../families/mochi/index.ts';
import { PhaseSpans } from './phase-spans.ts';
import { PreviewKeeper } from '../previews/preview-keeper.ts';
import { ofScratch, ScratchError } from '../checkpoints/scratch-error.ts';
import { StepClock, type Work } from './step-clock.ts';
import type { Lease } from '../../storage/lease.ts';
import { type DecodeRate, TimeLeft } from './time-left.ts';

/** A killed process ends in milliseconds; one that does not hangs in its driver. */
export const KILL_GRACE_MS = 10_000;

export interface GenerationOptions {
  deps: GenerateDeps;
  input: GenerateVideoInput;
  of: CheckpointOf;
  resumed: Checkpoint | null;
  heartbeat: Heartbeat;
  lease: Lease;
  rate: DecodeRate;
  /** Told of each checkpoint that is safely stored, the one that it goes on from among them. */
  onCheckpoint: () => void;
  log: Logger;
}

/** The work of one attempt on the device: steps with their checkpoints, then frames on their way into the store. */
export class Generation {
  /** Set once the device has missed a deadline. */
  lost: DeviceLostError | null = null;
  readonly keeper: CheckpointKeeper;
  readonly clock: StepClock;
  readonly #spans = new PhaseSpans();
  readonly #previews: PreviewKeeper;
  readonly #options: GenerationOptions;
  readonly #shape: ReturnType<typeof generatedShape>;
  readonly #timeLeft: TimeLeft;
  readonly #storing = new AbortController();
  #closed = false;
  #stored = false;

  constructor(options: GenerationOptions) {
    const { input, resumed, heartbeat, lease, log } = options;
    const { scratch, config } = options.deps;
    this.#options = options;
    this.#shape = generatedShape(input.spec);
    this.#timeLeft = new TimeLeft(options.rate, input.spec.numInferenceSteps, this.#shape);
    const limitMs = config.STEP_DEADLINE && config.STEP_DEADLINE * 1000;
    this.clock = new StepClock(limitMs, (work) => this.#onExpired(work));
    const { metrics } = options.deps;
    const safe = (checkpointKey: string, checkpointStep: number) => {
      heartbeat.update({ checkpointKey, checkpointStep });
      metrics.checkpointedAt = Date.now();
      options.onCheckpoint();
    };
    if (resumed) safe(keys.checkpoint(input.videoId, resumed.step), resumed.step);
    this.keeper = new CheckpointKeeper({
      store: scratch,
      videoId: input.videoId,
      seed: input.spec.seed,
      of: options.of,
      everySeconds: config.CHECKPOINT_SECONDS,
      everySteps: config.CHECKPOINT_STEPS,
      resumed,
      onStored: (key, step, { bytes, seconds }) => {
        safe(key, step);
        metrics.checkpoints.inc({ result: 'stored' });
        metrics.checkpointBytes.observe(bytes);
        metrics.checkpointSeconds.observe(seconds);
      },
      lease,
      onFailed: () => metrics.checkpoints.inc({ result: 'failed' }),
      log,
    });
    this.#previews = new PreviewKeeper({
      store: scratch,
      videoId: input.videoId,
      latentRgb: options.deps.host.profile.latentRgb,
      everySeconds: config.PREVIEW_SECONDS,
      lease,
      onStored: (previewStep) => heartbeat.update({ previewStep }),
      log,
    });
  }

  /**
   * @param signal stops between steps.
   * @param loadS seconds that the attempt has taken so far
   * @throws the signal's reason; LeaseLostError, OutOfMemoryError, DeviceLostError, GenerateParamError; errors of the store
   */
  async run(model: Mochi, signal: AbortSignal, loadS: number): Promise<GenerateResult> {
    const { deps, input, of, resumed, lease } = this.#options;
    const { videoId, spec } = input;
    const stop = AbortSignal.any([signal, lease.signal, this.#storing.signal]);
    const chunks = model.generate({
      // The spec's names are the model's; its size is what is cut out of the generated one.
      ...spec,
      ...this.#shape,
      maxSequenceLength: deps.host.profile.maxPromptTokens,
      ...(resumed && { latents: resumed.latents, startStep: resumed.step }),
      signal: stop,
      onProgress: (progress) => this.#onProgress(progress),
    });
    const { sha256, frames, etag } = await storeFrames(deps.scratch, input, this.#watched(chunks), stop);
    this.clock.stop();
    const result: GenerateResult = {
      framesKey: keys.frames(videoId),
      framesSha256: sha256,
      width: this.#shape.width,
      height: this.#shape.height,
      numFrames: frames,
      inferenceTimeS: this.#workSeconds,
      // Only a number for the record: a process that dies now has done its work.
      peakMemoryMb: await model.peakMemoryMb().catch(() => 0),
      resumedFromStep: resumed?.step ?? 0,
      device: deps.host.devices,
      weights: deps.host.weights,
      timing: {
        deviceKind: deps.host.kind,
        loadS,
        denoiseS: (resumed?.seconds ?? 0) + this.clock.seconds('starting') + this.clock.seconds('denoising'),
        decodeS: this.clock.seconds('decoding') + this.clock.seconds('storing'),
      },
    };
    // The frames stay: another attempt that has finished has put the same ones here, and `encode` may be reading them.
    lease.assertHeld();
    this.#stored = true;
    const made = { config: of.config, etag, result };
    await ofScratch(recordFrames(deps.scratch, videoId, made, { seal: of.seal, lease }));
    return result;
  }

  /** Ends heartbeats, writes and deadlines of this attempt. */
  async close(): Promise<void> {
    this.#closed = true;
    this.clock.stop();
    this.#spans.end(!this.#stored);
    await Promise.all([this.keeper.close(), this.#previews.close()]);
  }

  /** Passes chunks on. The device has a deadline while one is awaited, the store while one is used. */
  async *#watched(chunks: AsyncIterable<FrameChunk>): AsyncGenerator<FrameChunk, void, void> {
    const { resumed, input, heartbeat, lease } = this.#options;
    const { numFrames } = this.#shape;
    let frames = 0;
    if (resumed?.step === input.spec.numInferenceSteps) this.#spans.enter('decoding');
    this.clock.begin(resumed?.step === input.spec.numInferenceSteps ? 'decoding' : 'starting');
    for await (const chunk of chunks) {
      lease.assertHeld();
      this.#options.deps.metrics.progressed();
      this.clock.begin('storing');
      frames += chunk.frames;
      const etaSeconds = this.#timeLeft.afterFrames(frames, numFrames, this.clock.seconds('decoding'));
      heartbeat.update({ phase: 'decoding', frames, etaSeconds });
      yield chunk;
      this.clock.begin('decoding');
    }
    this.clock.begin('storing');
  }

  #onProgress(progress: GenerateProgress): void {
    const { deps, input, heartbeat, lease, log } = this.#options;
    if (this.#closed || !lease.held) return;
    if (progress.phase === 'encoding_text') {
      this.#spans.enter('text encoding');
      heartbeat.update({ phase: 'encoding_text' });
    }
    if (progress.phase !== 'denoising') return;
    const { step, steps, latents, seconds } = progress;
    const last = step === steps;
    this.#spans.enter(
      'denoising',
      { 'kinora.steps': steps, 'kinora.from_step': step - 1 },
      Date.now() - seconds * 1000,
    );
    this.#spans.step(step, seconds);
    if (last) this.#spans.enter('decoding');
    this.clock.begin(last ? 'decoding' : 'denoising');
    log.debug({ step, steps, seconds }, 'Step');
    deps.metrics.progressed();
    deps.metrics.stepSeconds.observe({ class: input.jobClass ?? 'short' }, seconds);
    heartbeat.pace(seconds);
    heartbeat.update({ phase: 'denoising', step, etaSeconds: this.#timeLeft.afterStep(step, seconds) });
    this.keeper.offer({ step, latents, seconds: this.#workSeconds }, seconds, last);
    this.#previews.offer(progress);
  }

  /** Of this attempt and of those that it goes on from. */
  get #workSeconds(): number {
    return (this.#options.resumed?.seconds ?? 0) + this.clock.deviceSeconds;
  }

  #onExpired(work: Work): void {
    const { deps, log } = this.#options;
    const seconds = Math.round(this.clock.limitMs / 1000);
    if (work === 'storing') {
      this.#storing.abort(new ScratchError(`It did not take the frames within ${seconds} s`));
      return;
    }
    this.lost = new DeviceLostError(`${work} did not end within ${seconds} s: its processes were killed`);
    log.error({ work, seconds }, 'The device hangs: killing its processes');
    deps.host.kill();
    setTimeout(() => {
      if (this.clock.overdueMs > 0) deps.giveUp('an inference process could not be killed');
    }, KILL_GRACE_MS).unref();
  }
}

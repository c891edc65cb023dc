import { LRUCache } from 'lru-cache';
import { readConfig, type MochiConfig } from './config/config.ts';
import { findDamagedTensor } from './damaged-tensor.ts';
import { Devices } from '../../inference/devices.ts';
import { assertFinite } from '../../inference/finite.ts';
import { randn } from '../../inference/noise.ts';
import { latentShape, resolveParams } from './params.ts';
import { sample } from './sampler.ts';
import { linearQuadraticSchedule } from './schedule.ts';
import { readSchedulerConfig, type SchedulerConfig } from './config/scheduler-config.ts';
import { tokenizeText } from './text.ts';
import { loadTokenizer } from '../../text/tokenizer/load.ts';
import type { T5Tokenizer } from '../../text/tokenizer/t5-tokenizer.ts';
import {
  CUDA_DECODE_CHUNK,
  DEFAULT_TILING,
  type FrameChunk,
  type GenerateParams,
  type MochiOptions,
  type Tiling,
} from './config/types.ts';
import type { LatentShape } from '../../inference/protocol.ts';
import { decodeFrames } from './vae/decode.ts';
import type { Component } from '../../weights/weights.ts';

/** Encoded texts that are remembered; the longest takes 4 MiB of Mochi 1. */
const TEXTS_BYTES = 32 * 1024 ** 2;

/** What the inference processes of this family run. */
export const INFERENCE_ENTRY = new URL('inference-process.js', import.meta.url);

/**
 * Mochi, loaded from a folder in diffusers' `MochiPipeline` layout. The arithmetic runs in one process per device; this
 * object only directs them and never blocks its event loop. One generation at a time.
 *
 * ```ts
 * const model = await Mochi.load(dir, { devices: ['cuda:0', 'cuda:1'] });
 * for await (const chunk of model.generate({ prompt, seed: 7 })) write(chunk.data);
 * ```
 */
export class Mochi {
  readonly config: MochiConfig;
  readonly scheduler: SchedulerConfig;
  readonly tokenizer: T5Tokenizer;
  readonly devices: Devices;
  readonly tiling: Tiling | null;
  private readonly decodeChunk: number;
  /** Texts as they were encoded, by their ids: the videos of a group have the same ones. */
  private readonly texts = new LRUCache<string, Float32Array>({
    maxSize: TEXTS_BYTES,
    sizeCalculation: ({ byteLength }) => byteLength,
  });

  private constructor(
    parts: { config: MochiConfig; scheduler: SchedulerConfig; tokenizer: T5Tokenizer; devices: Devices },
    options: MochiOptions,
  ) {
    this.config = parts.config;
    this.scheduler = parts.scheduler;
    this.tokenizer = parts.tokenizer;
    this.devices = parts.devices;
    const onCpu = parts.devices.names.includes('cpu');
    this.tiling = options.tiling === undefined ? (onCpu ? null : DEFAULT_TILING) : options.tiling;
    this.decodeChunk = options.decodeChunk ?? (onCpu ? 1 : CUDA_DECODE_CHUNK);
  }

  /**
   * Reads the configs, starts the inference processes and loads the weights.
   *
   * @throws ModelFolderError when the folder is not a usable Mochi pipeline; OutOfMemoryError, DeviceLostError
   */
  static async load(dir: string, options: MochiOptions = {}): Promise<Mochi> {
    const devices = new Devices(dir, INFERENCE_ENTRY, options);
    const [config, scheduler, tokenizer] = await Promise.all([
      readConfig(dir),
      readSchedulerConfig(dir),
      loadTokenizer(`${dir}/tokenizer`),
    ]);
    await devices.start();
    return new Mochi({ config, scheduler, tokenizer, devices }, options);
  }

  /** False once an inference process was lost; {@link restart} mends that. */
  get healthy(): boolean {
    return this.devices.alive;
  }

  /** Ends what is left of the inference processes, starts new ones and loads the weights again. */
  async restart(): Promise<void> {
    await this.devices.stop();
    await this.devices.start();
  }

  /** Largest memory that an inference process has held, in MiB. */
  async peakMemoryMb(): Promise<number> {
    const peaks = this.devices.names.map((_, i) => this.devices.call(i, 'peakMemoryMb'));
    return Math.max(...(await Promise.all(peaks)));
  }

  /**
   * Why a computation with that component's weights gave what is not finite: its first damaged tensor, in words. Reads
   * them all.
   *
   * @returns null where every weight is finite @throws the signal's reason
   */
  findDamagedTensor(component: Component, signal: AbortSignal): Promise<string | null> {
    return findDamagedTensor(this.config, component, this.devices.computeType, signal);
  }

  /** Frees the devices. */
  close(): Promise<void> {
    return this.devices.stop();
  }

  /**
   * Makes a clip; frames come out in order while later ones are still being decoded.
   *
   * @throws GenerateParamError before anything is done; the signal's reason; NumericalError before what is not finite
   * comes out; OutOfMemoryError; DeviceLostError
   */
  async *generate(params: GenerateParams): AsyncGenerator<FrameChunk, void, void> {
    const resolved = resolveParams(this.config, params);
    const { numInferenceSteps, startStep, signal, onProgress, onPass } = resolved;
    const shape = latentShape(this.config, resolved);
    let latents = resolved.latents ?? (await this.noise(resolved.seed, shape));

    if (startStep < numInferenceSteps) {
      onProgress?.({ phase: 'encoding_text' });
      const text = await this.encodePrompts(resolved);
      const schedule = linearQuadraticSchedule(numInferenceSteps, this.scheduler.num_train_timesteps);
      const { guidanceScale, guidanceStart: start, guidanceStop: stop } = resolved;
      const guidance = { scale: guidanceScale, start, stop };
      let before = performance.now();
      const steps = sample(this.devices, { text, latents, shape, schedule, guidance, startStep, signal, onPass });
      for await (const done of steps) {
        const now = performance.now();
        ({ latents } = done);
        const seconds = (now - before) / 1000;
        onProgress?.({ phase: 'denoising', ...done, steps: numInferenceSteps, shape, seconds });
        before = now;
      }
    }
    yield* this.decode(latents, shape, resolved);
  }

  /** Decodes final latents `[c, T, h, w]` into frames. */
  async *decode(
    latents: Float32Array,
    shape: LatentShape,
    { signal, onProgress }: Pick<GenerateParams, 'signal' | 'onProgress'> = {},
  ): AsyncGenerator<FrameChunk, void, void> {
    const { devices, config, tiling, decodeChunk } = this;
    yield* decodeFrames(devices, config.vae, { latents, shape, tiling, decodeChunk, signal, onProgress });
  }

  /**
   * Text encoder output over valid tokens `[S, E]`; of a text that was encoded lately, the same array again, which is not to be
   * changed. Ids come from {@link tokenizeText}.
   *
   * @throws NumericalError
   */
  async encodeText(ids: Int32Array): Promise<Float32Array> {
    // No valid token at all: nothing of T5's output would be used.
    if (ids.length === 0) return new Float32Array(0);
    const key = ids.join();
    const known = this.texts.get(key);
    if (known !== undefined) return known;
    // A copy, since what comes from another process may lie in the memory of a whole message.
    const text = (await this.devices.call(0, 'encodeText', [...ids])).slice();
    assertFinite(text, 'the embeddings of the text', 'text_encoder');
    this.texts.set(key, text);
    return text;
  }

  private noise(seed: number, { T, h, w }: LatentShape): Promise<Float32Array> {
    return randn(seed, this.config.transformer.in_channels * T * h * w);
  }

  private async encodePrompts(
    params: Required<Pick<GenerateParams, 'prompt' | 'negativePrompt' | 'maxSequenceLength' | 'guidanceScale'>>,
  ) {
    const encode = (text: string) => {
      const { ids, length } = tokenizeText(
        this.tokenizer,
        text,
        params.maxSequenceLength,
        this.config.forceZerosForEmptyPrompt,
      );
      return this.encodeText(ids.subarray(0, length));
    };
    const cond = await encode(params.prompt);
    const uncond = params.guidanceScale > 1 ? await encode(params.negativePrompt) : null;
    return { cond, uncond };
  }
}

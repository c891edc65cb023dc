/** What the Mochi library takes and gives. Shapes are row-major, the last axis fastest. */
import type { DeviceOptions } from '../../../inference/devices.ts';
import type { LatentShape } from '../../../inference/protocol.ts';

/** As diffusers' `vae.enable_tiling(min_h, min_w, stride_h, stride_w)`: output pixels, multiples of 8. */
export interface Tiling {
  /** @default 256 */
  tileSampleMinHeight: number;
  /** @default 256 */
  tileSampleMinWidth: number;
  /** @default 192 */
  tileSampleStrideHeight: number;
  /** @default 192 */
  tileSampleStrideWidth: number;
}

export const DEFAULT_TILING: Tiling = {
  tileSampleMinHeight: 256,
  tileSampleMinWidth: 256,
  tileSampleStrideHeight: 192,
  tileSampleStrideWidth: 192,
};

/** Latent frames that CUDA devices decode at a time: what the convolutions keep, 0.9 GB for a tile of 256 x 256, crosses
 * to the host and back at every run. */
export const CUDA_DECODE_CHUNK = 4;

export interface MochiOptions extends DeviceOptions {
  /** Null decodes whole frames. @default null on `cpu`; diffusers' defaults on CUDA */
  tiling?: Tiling | null;
  /** Latent frames handed over at a time; the frames do not depend on it. @default 1 on `cpu`, 4 on CUDA */
  decodeChunk?: number;
}

export interface GenerateParams {
  prompt: string;
  /** @default '' (the unconditional text) */
  negativePrompt?: string;
  /** Pixels, multiples of 16. @default 848 */
  width?: number;
  /** @default 480 */
  height?: number;
  /** 6k + 1. @default 19 */
  numFrames?: number;
  /** At least 2. @default 64 */
  numInferenceSteps?: number;
  /** At 1 and below the unconditional pass is skipped. @default 4.5 */
  guidanceScale?: number;
  /**
   * Share of the steps after which guidance begins, as `start` of diffusers' guiders: steps before it have no
   * unconditional pass. @default 0
   */
  guidanceStart?: number;
  /** Share of the steps after which guidance ends, likewise. @default 1 */
  guidanceStop?: number;
  /** 0 .. 2^53 - 1; the noise is what torch.randn gives for a CPU generator with it. @default 0 */
  seed?: number;
  /** Tokens that the prompt is cut to, `</s>` included. @default 256 */
  maxSequenceLength?: number;
  /** Resume: latents after `startStep` finished steps, `[12, T, h, w]`. */
  latents?: Float32Array;
  /** @default 0 */
  startStep?: number;
  /** Checked between steps and between decoded chunks; the generator throws its reason. */
  signal?: AbortSignal;
  /** Told of each thing that is begun or done; must not throw. */
  onProgress?: (progress: GenerateProgress) => void;
  /** Told when each pass of the transformer ran, and where; must not throw. */
  onPass?: (timing: PassTiming) => void;
}

export type GenerateProgress =
  | { phase: 'encoding_text' }
  | DenoisingProgress
  | { phase: 'decoding'; frames: number; totalFrames: number; seconds: number };

/** A finished step. Its arrays, `[12, T, h, w]`, may be kept: they are never written to again. */
export interface DenoisingProgress {
  phase: 'denoising';
  /** Finished steps, and in all. */
  step: number;
  steps: number;
  /** After the step. `latents + noise * velocity` is what the model takes the finished ones for. */
  latents: Float32Array;
  velocity: Float32Array;
  /** Share of noise that is left, 0 after the last step. */
  noise: number;
  shape: LatentShape;
  /** What the step took. */
  seconds: number;
}

/** Consecutive RGB frames. */
export interface FrameChunk {
  /** `[frames, height, width, 3]`, 0 .. 255. */
  data: Uint8Array;
  frames: number;
  /** Index of the first of them in the clip. */
  first: number;
  width: number;
  height: number;
}

/** One pass of the transformer on one device; times are Unix ms with fractions, from the device's own process. */
export interface PassTiming {
  /** Index and name, e.g. `1:cuda:1`. */
  device: string;
  what: string;
  startedAt: number;
  endedAt: number;
}

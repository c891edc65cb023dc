import { generatedShape, type VideoSpec } from '../video-job.ts';
import type { Architecture } from '../architecture.ts';

/** What decides how much work a video is. */
export type WorkSpec = Pick<
  VideoSpec,
  'width' | 'height' | 'numFrames' | 'numInferenceSteps' | 'guidanceScale' | 'guidanceStart' | 'guidanceStop'
>;

/** How much there is to do, on any device. */
export interface Work {
  /** All passes of the transformer, TFLOP. */
  denoise: number;
  /** The VAE decoder, TFLOP. */
  decode: number;
  /** Of all frames of the finished video: what encoding and uploading take their time for. */
  megapixels: number;
}

/** Passes of the transformer: one each step for the prompt, and where guidance is on one for the negative prompt. */
export function passesOf({ numInferenceSteps: steps, guidanceScale, ...spec }: WorkSpec): number {
  if (guidanceScale <= 1) return steps;
  const { guidanceStart = 0, guidanceStop = 1 } = spec;
  return steps + Math.floor(guidanceStop * steps) - Math.floor(guidanceStart * steps);
}

/** Counts the work of a video. Its text, a few tokens beside hundreds or thousands, is left out. */
export function workOf(spec: WorkSpec, architecture: Architecture): Work {
  const shape = generatedShape(spec);
  const frames = (shape.numFrames - 1) / 6 + 1;
  const height = shape.height / 8;
  const width = shape.width / 8;
  return {
    denoise: (passesOf(spec) * passFlops(frames * (height / 2) * (width / 2), architecture)) / 1e12,
    decode: (frames * tiled(height) * tiled(width) * decoderFlopsPerLatent(architecture)) / 1e12,
    megapixels: (spec.width * spec.height * spec.numFrames) / 1e6,
  };
}

/** One pass over a number of visual tokens: two operations for each multiplication of a matrix product. */
function passFlops(tokens: number, { layers, width }: Architecture): number {
  const mlp = Math.floor((8 * width) / 3);
  // Queries, keys, values and output; the gated MLP's three matrices.
  const linear = 2 * tokens * (4 * width * width + 3 * width * mlp);
  // Every token attends to every other: scores, and the sum of values.
  const attention = 2 * 2 * tokens * tokens * width;
  return layers * (linear + attention);
}

/** Expansions of Mochi's decoder, innermost first: [time, space]. */
const EXPANSIONS = [
  [3, 2],
  [2, 2],
  [1, 2],
] as const;

/** What the decoder does for one position of the latents, which becomes 6 frames of 8 x 8 pixels. */
function decoderFlopsPerLatent({ vaeChannels, vaeLayers }: Architecture): number {
  const channels = vaeChannels.toReversed();
  const layers = vaeLayers.toReversed();
  // Two convolutions of 3 x 3 x 3 in each residual block.
  const residual = (blocks: number, width: number) => blocks * 2 * 2 * 27 * width * width;
  let flops = residual(layers[0]!, channels[0]!);
  let voxels = 1;
  for (const [at, [time, space]] of EXPANSIONS.entries()) {
    const width = channels[at]!;
    const grown = time * space * space;
    flops += voxels * (residual(layers[at + 1]!, width) + 2 * width * channels[at + 1]! * grown);
    voxels *= grown;
  }
  return flops + voxels * residual(layers[4]!, channels[3]!);
}

/** Latent pixels of a decoded tile, and from one tile to the next: larger videos are decoded in tiles that overlap. */
const TILE = 32;
const STRIDE = 24;

/** Latent pixels that are decoded along a side. */
function tiled(side: number): number {
  if (side <= TILE) return side;
  let decoded = 0;
  for (let from = 0; from < side; from += STRIDE) decoded += Math.min(TILE, side - from);
  return decoded;
}

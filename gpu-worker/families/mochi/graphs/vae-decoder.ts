import type { VaeConfig } from '../config/config.ts';
import { GraphBuilder, type Value } from '../../../inference/onnx/graph-builder.ts';
import { reshape, shapeOf, silu, slice, transpose } from '../../../inference/onnx/layers.ts';
import type { ComputeType, TensorSource } from '../../../weights/weights.ts';
import { convolve, convolveFewer, MEMORY } from './causal-conv.ts';
import { MOST_OUTPUTS } from './winograd.ts';

const GROUPS = 32;
const NORM_EPS = 1e-5;

/** What one causal convolution keeps from chunk to chunk: its own last input frames. */
export interface StateSpec {
  /** Graph input of that name, graph output `next.` + name. */
  name: string;
  /** float16 holds what bfloat16 holds at this place, and can cross the runtime's border. */
  type: 'float32' | 'float16';
  /** `[frames, channels, rows, columns]` for latents of h x w; no frames before the first chunk. */
  shape: (frames: number, h: number, w: number) => number[];
}

export interface VaeDecoderGraph {
  graph: Uint8Array;
  states: StateSpec[];
  /** Whether a run takes a single latent frame; else any number. */
  oneByOne: boolean;
  /** Values of the int64 inputs that depend on the latents' size only. */
  sizes: (h: number, w: number) => Record<string, number[]>;
}

/**
 * The decoder of Mochi's VAE (diffusers' `AutoencoderKLMochi`), one run of consecutive latent frames at a time. Frames
 * are the batch of every operation, so a chunk gives the same bits whatever its length.
 *
 * With `oneByOne` a run is one latent frame, and where that makes several frames, these are convolved together in time with
 * fewer multiplications: {@link convolveFewer}. It is for float32 on the CPU.
 *
 * Inputs: `latents` float32 `[t, c, h, w]`, denormalised; `first` int64 `[1]`, 1 in the first chunk of a clip and else 0;
 * the states; the vectors of `sizes`. Outputs: `frames` float32 `[t * product of temporal expansions, 3, H, W]`,
 * about -1 .. 1, and the next states.
 */
export function vaeDecoder(
  config: VaeConfig,
  weights: TensorSource,
  computeType: ComputeType,
  oneByOne = false,
): VaeDecoderGraph {
  const decoder = new Decoder(config, weights, computeType, oneByOne);
  return { graph: decoder.build(), states: decoder.states, oneByOne, sizes: (h, w) => decoder.sizes(h, w) };
}

class Decoder {
  readonly states: StateSpec[] = [];
  private readonly ups: { name: string; channels: number; space: number; before: number }[] = [];
  /** Inputs that say the size of frames with their edges, by the pixels per latent pixel. */
  private readonly padded = new Map<number, Value>();
  private readonly b: GraphBuilder;
  private readonly config: VaeConfig;
  private readonly first: Value;
  private readonly oneByOne: boolean;
  /** Pixels of the current layer per latent pixel. */
  private scale = 1;
  /** Frames of the current layer per latent frame. */
  private frames = 1;

  constructor(config: VaeConfig, weights: TensorSource, computeType: ComputeType, oneByOne: boolean) {
    this.config = config;
    this.oneByOne = oneByOne;
    this.b = new GraphBuilder(weights, computeType);
    this.first = this.b.input('first', [1], 'int64');
  }

  build(): Uint8Array {
    const { b } = this;
    const channels = this.config.decoder_block_out_channels.toReversed();
    const layers = this.config.layers_per_block.toReversed();
    const time = this.config.temporal_expansions.toReversed();
    const space = this.config.spatial_expansions.toReversed();
    const latents = b.input('latents', ['t', this.config.latent_channels, 'h', 'w']);

    let x = this.pointwise(b.cast(latents), 'decoder.conv_in', this.config.latent_channels, channels[0]!, [1, 1, 1]);
    x = this.resnets(x, 'decoder.block_in', layers[0]!, channels[0]!);
    for (let i = 0; i < time.length; i++) {
      const name = `decoder.up_blocks.${i}`;
      x = this.resnets(x, name, layers[i + 1]!, channels[i]!);
      x = this.upsample(x, name, channels[i]!, channels[i + 1]!, time[i]!, space[i]!);
    }
    const width = channels.at(-1)!;
    x = silu(b, this.resnets(x, 'decoder.block_out', layers.at(-1)!, width));
    b.output('frames', this.pointwise(x, 'decoder.proj_out', width, this.config.out_channels), ['F', 3, 'H', 'W']);
    return b.build('vae_decoder');
  }

  sizes(h: number, w: number): Record<string, number[]> {
    const sizes: Record<string, number[]> = {};
    for (const { name, channels, space, before } of this.ups) {
      sizes[`${name}.rows`] = [-1, space, h * before, w * before * space];
      sizes[`${name}.frames`] = [-1, channels, h * before * space, w * before * space];
    }
    for (const [scale, { name }] of this.padded) sizes[name] = [0, -1, h * scale + 2, w * scale + 2];
    return sizes;
  }

  private resnets(x: Value, name: string, count: number, channels: number): Value {
    for (let j = 0; j < count; j++) {
      const prefix = `${name}.resnets.${j}`;
      let y = silu(this.b, this.groupNorm(x, `${prefix}.norm1`, channels));
      y = this.causalConv(y, `${prefix}.conv1`, channels);
      y = silu(this.b, this.groupNorm(y, `${prefix}.norm2`, channels));
      y = this.causalConv(y, `${prefix}.conv2`, channels);
      x = this.b.op('Add', [x, y]);
    }
    return x;
  }

  /** Group norm of every frame by itself, as a layer norm of each group with weight and bias spread over its pixels. */
  private groupNorm(x: Value, name: string, channels: number): Value {
    const { b } = this;
    // All elements are there because CUDA's kernel does not broadcast a smaller weight, it reads past its end.
    const spread = (which: string) => {
      const value = b.weight(`${name}.norm_layer.${which}`, [channels], b.computeType, [channels, 1, 1]);
      return reshape(b, b.op('Expand', [value, shapeOf(b, x, 1, 4)]), [1, GROUPS, -1]);
    };
    const groups = reshape(b, x, [0, GROUPS, -1]);
    const attributes = { axis: 2, epsilon: { float: NORM_EPS } };
    const normed = b.op('LayerNormalization', [groups, spread('weight'), spread('bias')], attributes);
    return b.op('Reshape', [normed, shapeOf(b, x, 0, 4)]);
  }

  /** 3x3x3 convolution that sees the past only: two frames of the past in front, edges replicated. */
  private causalConv(x: Value, name: string, channels: number): Value {
    const { b } = this;
    const past = this.state(name, channels);
    const begin = slice(b, x, 0, this.first, 0);
    const frames = b.op('Concat', [past, begin, begin, x], { axis: 0 });
    this.keep(name, channels, slice(b, frames, -MEMORY, undefined, 0));
    const fewer = this.oneByOne && this.frames > 1 && this.frames <= MOST_OUTPUTS;
    if (fewer) return convolveFewer(b, frames, name, channels, this.frames);
    return convolve(b, frames, name, channels, this.paddedSize());
  }

  private paddedSize(): Value {
    let size = this.padded.get(this.scale);
    if (size === undefined) {
      size = this.b.input(`padded.${this.scale}`, [4], 'int64');
      this.padded.set(this.scale, size);
    }
    return size;
  }

  /** A linear layer at every position; stored as one, or as a convolution with a kernel of ones. */
  private pointwise(x: Value, name: string, from: number, to: number, kernel: number[] = []): Value {
    const { b } = this;
    const weight = b.weight(`${name}.weight`, [to, from, ...kernel], b.computeType, [to, from, 1, 1]);
    return b.op('Conv', [x, weight, b.weight(`${name}.bias`, [to])]);
  }

  /** Linear layer whose outputs `[c, dt, dy, dx]` are neighbours in time and space. */
  private upsample(x: Value, block: string, from: number, to: number, time: number, space: number): Value {
    const { b } = this;
    const outputs = to * time * space * space;
    // Outputs in the order [dt, c, dy, dx]: then the shift in time is a mere reading of the same bytes.
    const timeFirst = (name: string, shape: number[], inner: number, as: number[]) =>
      reshape(b, transpose(b, b.weight(name, shape, b.computeType, [to, time, inner]), [1, 0, 2]), as);
    const squares = space * space;
    const weight = timeFirst(`${block}.proj.weight`, [outputs, from], squares * from, [outputs, from, 1, 1]);
    const bias = timeFirst(`${block}.proj.bias`, [outputs], squares, [outputs]);
    let y = b.op('Conv', [x, weight, bias]);
    const up = { name: block, channels: to, space, before: this.scale };
    this.ups.push(up);
    this.scale *= space;
    this.frames *= time;
    // [t, dt c dy, dx, h w] -> dx innermost -> [t dt c, dy, h, w dx] -> rows interleaved
    y = transpose(b, reshape(b, y, [0, outputs / space, space, -1]), [0, 1, 3, 2]);
    y = b.op('Reshape', [y, b.input(`${block}.rows`, [4], 'int64')]);
    return b.op('Reshape', [transpose(b, y, [0, 2, 1, 3]), b.input(`${block}.frames`, [4], 'int64')]);
  }

  private state(name: string, channels: number): Value {
    const { b, scale } = this;
    const type = b.computeType === 'float32' ? 'float32' : 'float16';
    this.states.push({ name, type, shape: (frames, h, w) => [frames, channels, h * scale, w * scale] });
    return b.cast(b.input(name, [`past.${name}`, channels, `h${scale}`, `w${scale}`], type));
  }

  private keep(name: string, channels: number, frames: Value): void {
    const { type } = this.states.at(-1)!;
    this.b.output(`next.${name}`, frames, [MEMORY, channels, `h${this.scale}`, `w${this.scale}`], type);
  }
}

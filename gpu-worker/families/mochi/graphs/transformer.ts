import type { TransformerConfig } from '../config/config.ts';
import { GraphBuilder, type Value } from '../../../inference/onnx/graph-builder.ts';
import { linear, reshape, rms, shapeOf, silu, slice, splitLast, transpose } from '../../../inference/onnx/layers.ts';
import type { ComputeType, TensorSource } from '../../../weights/weights.ts';
import { jointAttention, rotaryAngles, type AttentionKernel } from './attention.ts';

const BLOCK_EPS = 1e-6;

/** Sizes that the graphs share, under the names of diffusers' config. */
export function sizes(config: TransformerConfig) {
  const D = config.num_attention_heads * config.attention_head_dim;
  const C = config.pooled_projection_dim;
  return { D, C, F: Math.floor((8 * D) / 3), Fc: Math.floor((8 * C) / 3), E: config.text_embed_dim };
}

/**
 * One pass of Mochi's AsymmDiT (diffusers' `MochiTransformer3DModel`) for one text, valid tokens only.
 *
 * Inputs, all float32: `latents` `[c, T, h/p, p, w/p, p]` (the latents' own bytes), `timestep` `[1]`, `positions` `[N, 3]`
 * (frame, y, x of every token), `pooled` `[1, D]` and `context` `[S, C]` from {@link textConditioning}; and `grid` int64
 * `[6]`: `T, h/p, w/p, p, p, c`, an input because sizes put together inside the graph would leave the GPU.
 * Output: `velocity`, shape of `latents`.
 */
export function transformer(
  config: TransformerConfig,
  weights: TensorSource,
  computeType: ComputeType,
  kernel: AttentionKernel,
): Uint8Array {
  const b = new GraphBuilder(weights, computeType);
  const { D, C, F, Fc } = sizes(config);
  const { in_channels: c, patch_size: p, num_layers } = config;
  const latents = b.input('latents', [c, 'T', 'hp', p, 'wp', p]);
  const timestep = b.input('timestep', [1]);
  const positions = b.input('positions', ['N', 3]);
  const grid = b.input('grid', [6], 'int64');
  const pooled = b.input('pooled', [1, D]);
  let text = b.cast(b.input('context', ['S', C]));

  const patches = reshape(b, transpose(b, latents, [1, 2, 4, 0, 3, 5]), [-1, c * p * p]);
  const patchWeight = b.weight('patch_embed.proj.weight', [D, c, p, p], computeType, [D, c * p * p]);
  let x = b.op('Gemm', [b.cast(patches), patchWeight, b.weight('patch_embed.proj.bias', [D])], { transB: 1 });

  const time = timeEmbedding(b, timestep, config);
  const activated = silu(b, b.op('Add', [time, b.cast(pooled)]));
  const angles = rotaryAngles(b, config, positions);
  const visualTokens = shapeOf(b, x, 0, 1);

  /** Modulation vectors `[width]` of one norm. */
  const modulation = (name: string, count: number, width: number) =>
    splitLast(b, reshape(b, linear(b, activated, name, { in: D, out: count * width, bias: true }), [-1]), count);
  // Factors go in as the norm's own scale, which costs nothing.
  const scaled = (value: Value, width: number, scale: Value) => {
    const factor = b.op('Add', [b.cast(scale, 'float32'), b.constant(1)]);
    return b.cast(rms(b, value, width, BLOCK_EPS, factor));
  };
  const gated = (residual: Value, value: Value, width: number, gate: Value) => {
    const factor = b.cast(b.op('Tanh', [gate]), 'float32');
    return b.op('Add', [residual, b.cast(rms(b, value, width, BLOCK_EPS, factor))]);
  };
  const feedForward = (value: Value, name: string, width: number, inner: number) => {
    // Two products of half the rows each: the halves of one would have to be copied apart.
    const half = (index: number) =>
      linear(b, value, `${name}.net.0.proj`, { in: width, out: inner, part: { index, of: 2 } });
    const hidden = b.op('Mul', [half(0), silu(b, half(1))]);
    return linear(b, hidden, `${name}.net.2`, { in: inner, out: width });
  };

  for (let i = 0; i < num_layers; i++) {
    const block = `transformer_blocks.${i}`;
    const last = i === num_layers - 1;
    const [scaleMsa, gateMsa, scaleMlp, gateMlp] = modulation(`${block}.norm1.linear`, 4, D);
    const textModulation = last
      ? modulation(`${block}.norm1_context.linear_1`, 1, C)
      : modulation(`${block}.norm1_context.linear`, 4, C);

    const attended = jointAttention(b, config, {
      prefix: `${block}.attn1`,
      visual: scaled(x, D, scaleMsa!),
      text: scaled(text, C, textModulation[0]!),
      angles,
      textQueries: !last,
      kernel,
    });
    const visual = last ? attended : slice(b, attended, 0, visualTokens, 0);
    const visualOut = linear(b, visual, `${block}.attn1.to_out.0`, { in: D, out: D, bias: true });
    x = gated(x, visualOut, D, gateMsa!);
    x = gated(x, feedForward(scaled(x, D, scaleMlp!), `${block}.ff`, D, F), D, gateMlp!);
    if (last) break;

    const [, textGateMsa, textScaleMlp, textGateMlp] = textModulation;
    const textRows = slice(b, attended, visualTokens, undefined, 0);
    const textOut = linear(b, textRows, `${block}.attn1.to_add_out`, { in: D, out: C, bias: true });
    text = gated(text, textOut, C, textGateMsa!);
    text = gated(text, feedForward(scaled(text, C, textScaleMlp!), `${block}.ff_context`, C, Fc), C, textGateMlp!);
  }

  b.output('velocity', head(b, x, activated, config, grid), [c, 'T', 'hp', p, 'wp', p]);
  return b.build('transformer');
}

/** Sinusoid (cosines first, float32) and its two linears: `[1, D]`. */
function timeEmbedding(b: GraphBuilder, timestep: Value, config: TransformerConfig): Value {
  const { D } = sizes(config);
  const half = config.time_embed_dim / 2;
  // Rounded to float32 where the reference rounds: an angle is up to 1000 times a frequency.
  const { fround } = Math;
  const exponent = (k: number) => fround(fround(fround(-Math.log(10000)) * k) / half);
  const frequencies = Array.from({ length: half }, (_, k) => fround(Math.exp(exponent(k))));
  const angles = reshape(b, b.op('Mul', [timestep, b.constant(frequencies)]), [1, half]);
  const sinusoid = b.op('Concat', [b.op('Cos', [angles]), b.op('Sin', [angles])], { axis: -1 });
  const prefix = 'time_embed.timestep_embedder';
  const hidden = linear(b, sinusoid, `${prefix}.linear_1`, { in: config.time_embed_dim, out: D, bias: true });
  return linear(b, silu(b, hidden), `${prefix}.linear_2`, { in: D, out: D, bias: true });
}

/** Final layer norm (the one that subtracts the mean), modulation, projection, and back from patches to latents. */
function head(b: GraphBuilder, x: Value, activated: Value, config: TransformerConfig, grid: Value): Value {
  const { D } = sizes(config);
  const { in_channels: c, patch_size: p } = config;
  const [scale, shift] = splitLast(b, linear(b, activated, 'norm_out.linear', { in: D, out: 2 * D, bias: true }), 2);
  const ones = b.constant(Array.from({ length: D }, () => 1));
  const normed = b.op('LayerNormalization', [b.cast(x, 'float32'), ones], { axis: -1, epsilon: { float: BLOCK_EPS } });
  const factor = b.op('Add', [b.cast(scale!, 'float32'), b.constant(1)]);
  const modulated = b.op('Add', [b.op('Mul', [normed, factor]), b.cast(shift!, 'float32')]);
  const y = linear(b, modulated, 'proj_out', { in: D, out: p * p * c, bias: true });
  return transpose(b, b.op('Reshape', [y, grid]), [5, 0, 1, 3, 2, 4]);
}

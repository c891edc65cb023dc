import type { TransformerConfig } from '../config/config.ts';
import { GraphBuilder } from '../../../inference/onnx/graph-builder.ts';
import { linear, reshape, splitLast, transpose } from '../../../inference/onnx/layers.ts';
import type { ComputeType, TensorSource } from '../../../weights/weights.ts';
import { sizes } from './transformer.ts';

/** Heads of the text pooler; fixed in diffusers' code, in no config. */
const POOLER_HEADS = 8;

/**
 * What of the text enters every step unchanged (`MochiAttentionPool` and the caption projection).
 *
 * Inputs, float32: `text` `[S, E]` (valid tokens), `mean` `[1, E]` (their average, zeros for none).
 * Outputs, float32: `pooled` `[1, D]`, `context` `[S, C]`.
 */
export function textConditioning(
  config: TransformerConfig,
  weights: TensorSource,
  computeType: ComputeType,
): Uint8Array {
  const b = new GraphBuilder(weights, computeType);
  const { D, C, E } = sizes(config);
  const width = E / POOLER_HEADS;
  const text = b.cast(b.input('text', ['S', E]));
  const mean = b.cast(b.input('mean', [1, E]));
  const pooler = 'time_embed.pooler';

  const tokens = b.op('Concat', [mean, text], { axis: 0 });
  const [key, value] = splitLast(b, linear(b, tokens, `${pooler}.to_kv`, { in: E, out: 2 * E, bias: true }), 2);
  const query = linear(b, mean, `${pooler}.to_q`, { in: E, out: E, bias: true });
  const heads = (x: typeof key) => transpose(b, reshape(b, x!, [-1, POOLER_HEADS, width]), [1, 0, 2]);
  const scores = b.op('MatMul', [heads(query), transpose(b, heads(key), [0, 2, 1])]);
  const scaled = b.op('Mul', [scores, b.constant(1 / Math.sqrt(width), computeType)]);
  const joined = b.op('MatMul', [b.op('Softmax', [scaled], { axis: -1 }), heads(value)]);
  const pooled = linear(b, reshape(b, transpose(b, joined, [1, 0, 2]), [1, E]), `${pooler}.to_out`, {
    in: E,
    out: D,
    bias: true,
  });

  b.output('pooled', pooled, [1, D]);
  b.output('context', linear(b, text, 'time_embed.caption_proj', { in: E, out: C, bias: true }), ['S', C]);
  return b.build('text_conditioning');
}

import { GraphBuilder, type Value } from '../inference/onnx/graph-builder.ts';
import { linear, reshape, rms, transpose } from '../inference/onnx/layers.ts';
import type { TextEncoderConfig } from './t5-config.ts';
import type { ComputeType, TensorSource } from '../weights/weights.ts';

/**
 * T5 v1.1's encoder over valid tokens only (transformers' `T5EncoderModel`). No padding enters, so there is no mask:
 * rows of valid tokens never depended on padded ones.
 *
 * Inputs: `ids` int64 `[S]`, `buckets` int64 `[S, S]` (see {@link relativeBuckets}). Output: `text` float32 `[S, E]`.
 */
export function t5Encoder(config: TextEncoderConfig, weights: TensorSource, computeType: ComputeType): Uint8Array {
  const b = new GraphBuilder(weights, computeType);
  const { d_model: E, d_kv, num_heads: heads, d_ff, num_layers, vocab_size, layer_norm_epsilon: eps } = config;
  const ids = b.input('ids', ['S'], 'int64');
  const buckets = b.input('buckets', ['S', 'S'], 'int64');

  const gather = (name: string, shape: number[], rows: Value) => {
    const table = b.stored(name, shape).value;
    return b.cast(b.op('Gather', [table, rows], { axis: 0 }));
  };
  const firstAttention = 'encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight';
  const bias = transpose(b, gather(firstAttention, [config.relative_attention_num_buckets, heads], buckets), [2, 0, 1]);
  const split = (x: Value) => transpose(b, reshape(b, x, [-1, heads, d_kv]), [1, 0, 2]);
  const norm = (x: Value, name: string) => b.cast(rms(b, x, E, eps, b.weight(`${name}.weight`, [E], 'float32')));

  let h = gather('shared.weight', [vocab_size, E], ids);
  for (let l = 0; l < num_layers; l++) {
    const attention = `encoder.block.${l}.layer.0`;
    const n = norm(h, `${attention}.layer_norm`);
    const project = (which: string) =>
      split(linear(b, n, `${attention}.SelfAttention.${which}`, { in: E, out: heads * d_kv }));
    const scores = b.op('MatMul', [project('q'), transpose(b, project('k'), [0, 2, 1])]);
    const probabilities = b.op('Softmax', [b.op('Add', [scores, bias])], { axis: -1 });
    const joined = reshape(b, transpose(b, b.op('MatMul', [probabilities, project('v')]), [1, 0, 2]), [
      -1,
      heads * d_kv,
    ]);
    h = b.op('Add', [h, linear(b, joined, `${attention}.SelfAttention.o`, { in: heads * d_kv, out: E })]);

    const dense = `encoder.block.${l}.layer.1`;
    const m = norm(h, `${dense}.layer_norm`);
    const gate = b.op('Gelu', [linear(b, m, `${dense}.DenseReluDense.wi_0`, { in: E, out: d_ff })], {
      approximate: 'tanh',
    });
    const gated = b.op('Mul', [gate, linear(b, m, `${dense}.DenseReluDense.wi_1`, { in: E, out: d_ff })]);
    h = b.op('Add', [h, linear(b, gated, `${dense}.DenseReluDense.wo`, { in: d_ff, out: E })]);
  }
  b.output('text', norm(h, 'encoder.final_layer_norm'), ['S', E]);
  return b.build('t5_encoder');
}

/** Distances from which buckets 9 .. 15 start, for 32 buckets and a largest distance of 128; 16, 32 and 64 are exact. */
const THRESHOLDS = [8, 12, 16, 23, 32, 46, 64, 91];

/** T5's bidirectional relative position buckets of every query i and key j, int64 `[length, length]`. */
export function relativeBuckets(length: number): BigInt64Array {
  const bucket = (relative: number) => {
    const distance = Math.abs(relative);
    const size = distance < 8 ? distance : 7 + THRESHOLDS.filter((threshold) => distance >= threshold).length;
    return BigInt(size + (relative > 0 ? 16 : 0));
  };
  const byOffset = Array.from({ length: Math.max(0, 2 * length - 1) }, (_, i) => bucket(i - length + 1));
  const buckets = new BigInt64Array(length * length);
  for (let i = 0; i < length; i++) {
    for (let j = 0; j < length; j++) buckets[i * length + j] = byOffset[j - i + length - 1]!;
  }
  return buckets;
}

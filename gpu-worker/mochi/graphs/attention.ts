import type { TransformerConfig } from '../config.ts';
import type { GraphBuilder, Value } from '../onnx/graph-builder.ts';
import { linear, reshape, rms, transpose } from '../onnx/layers.ts';

/**
 * Which operator computes softmax(q k^T) v: `contrib` is com.microsoft's MultiHeadAttention (on the CPU the fastest and
 * leanest), `standard` is ONNX's Attention (on CUDA it takes flash attention for bfloat16).
 */
export type AttentionKernel = 'contrib' | 'standard';

const QK_EPS = 1e-5;

export interface RotaryAngles {
  /** `[heads, N, d / 2]`, float32. */
  cos: Value;
  sin: Value;
}

/** Angles of every token and head: frame, y and x times the learned `pos_frequencies`, always in float32. */
export function rotaryAngles(b: GraphBuilder, config: TransformerConfig, positions: Value): RotaryAngles {
  const { num_attention_heads: H, attention_head_dim: d } = config;
  const frequencies = b.weight('pos_frequencies', [3, H, d / 2], 'float32', [3, H, 1, d / 2]);
  const perAxis = b.ops('Split', [frequencies], 3, { axis: 0, num_outputs: 3 });
  const columns = b.ops('Split', [positions], 3, { axis: 1, num_outputs: 3 });
  // Products and sums, not a matrix product: on CUDA that would be rounded to TF32 and turn angles by whole degrees.
  const terms = columns.map((column, axis) => b.op('Mul', [reshape(b, perAxis[axis]!, [H, 1, d / 2]), column]));
  const theta = terms.reduce((sum, term) => b.op('Add', [sum, term]));
  return { cos: b.op('Cos', [theta]), sin: b.op('Sin', [theta]) };
}

interface JointAttention {
  prefix: string;
  /** `[N, D]` */
  visual: Value;
  /** `[S, C]` */
  text: Value;
  angles: RotaryAngles;
  /** False in the last block, whose text rows nobody reads. */
  textQueries: boolean;
  kernel: AttentionKernel;
}

/**
 * Joint attention over visual and text tokens: `[N + S, D]`, visual rows first; `[N, D]` without text queries. Full, no
 * mask: only valid tokens come in.
 */
export function jointAttention(b: GraphBuilder, config: TransformerConfig, a: JointAttention): Value {
  const { num_attention_heads: H, attention_head_dim: d, pooled_projection_dim: C } = config;
  const D = H * d;
  const axes = (axis: number) => b.constant([axis], 'int64');
  const heads = (x: Value, norm?: string) => {
    const split = reshape(b, x, [-1, H, d]);
    const normed = norm === undefined ? split : rms(b, split, d, QK_EPS, b.weight(`${norm}.weight`, [d], 'float32'));
    return transpose(b, normed, [1, 0, 2]);
  };
  const visual = (name: string, norm?: string) => {
    const x = heads(linear(b, a.visual, `${a.prefix}.${name}`, { in: D, out: D }), norm && `${a.prefix}.${norm}`);
    if (norm === undefined) return b.op('Unsqueeze', [x, axes(0)]);
    const one = b.op('Unsqueeze', [x, axes(1)]);
    const rotated = b.op('RotaryEmbedding', [one, a.angles.cos, a.angles.sin], { interleaved: 1 });
    return b.cast(b.op('Unsqueeze', [b.op('Squeeze', [rotated, axes(1)]), axes(0)]));
  };
  const text = (name: string, norm?: string) => {
    const x = heads(linear(b, a.text, `${a.prefix}.${name}`, { in: C, out: D }), norm && `${a.prefix}.${norm}`);
    return b.cast(b.op('Unsqueeze', [x, axes(0)]));
  };
  const joint = (first: Value, second: Value) => b.op('Concat', [first, second], { axis: 2 });

  const visualQuery = visual('to_q', 'norm_q');
  const query = a.textQueries ? joint(visualQuery, text('add_q_proj', 'norm_added_q')) : visualQuery;
  const key = joint(visual('to_k', 'norm_k'), text('add_k_proj', 'norm_added_k'));
  const value = joint(visual('to_v'), text('add_v_proj'));
  if (a.kernel === 'standard') {
    const out = b.op('Attention', [query, key, value], { scale: { float: 1 / Math.sqrt(d) } });
    return reshape(b, transpose(b, out, [0, 2, 1, 3]), [-1, D]);
  }
  const rows = reshape(b, transpose(b, query, [0, 2, 1, 3]), [1, -1, D]);
  const out = b.op('com.microsoft::MultiHeadAttention', [rows, key, value], { num_heads: H });
  return reshape(b, out, [-1, D]);
}

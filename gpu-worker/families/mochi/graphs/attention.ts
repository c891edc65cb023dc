import type { TransformerConfig } from '../config/config.ts';
import type { GraphBuilder, Value } from '../../../inference/onnx/graph-builder.ts';
import { linear, reshape, rms, transpose } from '../../../inference/onnx/layers.ts';

/**
 * Which operator computes softmax(q k^T) v: `contrib` is com.microsoft's MultiHeadAttention (on the CPU the fastest and
 * leanest), `standard` is ONNX's Attention (on CUDA it takes flash attention for bfloat16).
 */
export type AttentionKernel = 'contrib' | 'standard';

const QK_EPS = 1e-5;

export interface RotaryAngles {
  /** `[1, N * heads, d / 2]`, float32: a row for each head of each token. */
  cos: Value;
  sin: Value;
}

/** Angles of every token and head: frame, y and x times the learned `pos_frequencies`, always in float32. */
export function rotaryAngles(b: GraphBuilder, config: TransformerConfig, positions: Value): RotaryAngles {
  const { num_attention_heads: H, attention_head_dim: d } = config;
  const frequencies = b.weight('pos_frequencies', [3, H, d / 2], 'float32');
  const perAxis = b.ops('Split', [frequencies], 3, { axis: 0, num_outputs: 3 });
  const columns = b.ops('Split', [positions], 3, { axis: 1, num_outputs: 3 });
  // Products and sums, not a matrix product: on CUDA that would be rounded to TF32 and turn angles by whole degrees.
  const terms = columns.map((column, axis) => b.op('Mul', [reshape(b, column, [-1, 1, 1]), perAxis[axis]!]));
  const theta = reshape(
    b,
    terms.reduce((sum, term) => b.op('Add', [sum, term])),
    [1, -1, d / 2],
  );
  return { cos: b.op('Cos', [theta]), sin: b.op('Sin', [theta]) };
}

interface JointAttention {
  prefix: string;
  /** `[N, D]` */
  visual: Value;
  /** `[S, C]` */
  text: Value;
  angles: RotaryAngles;
  /** False in the last block, whose text rows are not used. */
  textQueries: boolean;
  kernel: AttentionKernel;
}

/**
 * Joint attention over visual and text tokens: `[N + S, D]`, visual rows first; `[N, D]` without text queries. Full, no
 * mask: only valid tokens come in.
 *
 * Everything stays in the order of tokens, as the products give it: norm and rotation take each head of each token for
 * a row, `[1, N * H, d]`, and only the attention itself, which may want heads first, moves anything.
 */
export function jointAttention(b: GraphBuilder, config: TransformerConfig, a: JointAttention): Value {
  const { num_attention_heads: H, attention_head_dim: d, pooled_projection_dim: C } = config;
  const D = H * d;
  const visual = (name: string) => linear(b, a.visual, `${a.prefix}.${name}`, { in: D, out: D });
  const text = (name: string) => linear(b, a.text, `${a.prefix}.${name}`, { in: C, out: D });
  const normed = (x: Value, norm: string) =>
    rms(b, reshape(b, x, [1, -1, d]), d, QK_EPS, b.weight(`${a.prefix}.${norm}.weight`, [d], 'float32'));
  const rotated = (name: string, norm: string) => {
    const inputs = [normed(visual(name), norm), a.angles.cos, a.angles.sin];
    return b.cast(b.op('RotaryEmbedding', inputs, { interleaved: 1, num_heads: 1 }));
  };
  const unrotated = (name: string, norm: string) => b.cast(normed(text(name), norm));
  const joint = (first: Value, second: Value) => b.op('Concat', [first, second], { axis: -2 });

  const visualQuery = rotated('to_q', 'norm_q');
  const query = a.textQueries ? joint(visualQuery, unrotated('add_q_proj', 'norm_added_q')) : visualQuery;
  const key = joint(rotated('to_k', 'norm_k'), unrotated('add_k_proj', 'norm_added_k'));
  const value = joint(visual('to_v'), text('add_v_proj'));
  return attend(b, { query, key, value }, { heads: H, width: d, kernel: a.kernel });
}

/** softmax(q k^T / sqrt(width)) v of all heads, `[rows, heads * width]` like its inputs. */
export function attend(
  b: GraphBuilder,
  { query, key, value }: { query: Value; key: Value; value: Value },
  { heads: H, width: d, kernel }: { heads: number; width: number; kernel: AttentionKernel },
): Value {
  const D = H * d;
  if (kernel === 'standard') {
    const heads = (x: Value) => transpose(b, reshape(b, x, [1, -1, H, d]), [0, 2, 1, 3]);
    const out = b.op('Attention', [heads(query), heads(key), heads(value)], { scale: { float: 1 / Math.sqrt(d) } });
    return reshape(b, transpose(b, out, [0, 2, 1, 3]), [-1, D]);
  }
  const tokens = (x: Value) => reshape(b, x, [1, -1, D]);
  const out = b.op('com.microsoft::MultiHeadAttention', [tokens(query), tokens(key), tokens(value)], { num_heads: H });
  return reshape(b, out, [-1, D]);
}

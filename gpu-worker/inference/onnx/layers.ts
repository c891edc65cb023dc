import type { GraphBuilder, Value } from './graph-builder.ts';

/**
 * `x @ weight^T + bias`: x `[n, in]`, weight stored as torch stores it, `[out, in]`.
 *
 * @param sizes `part`: the weight is one of several, stored one below the other as a single tensor
 */
export function linear(
  b: GraphBuilder,
  x: Value,
  name: string,
  sizes: { in: number; out: number; bias?: boolean; part?: { index: number; of: number } },
): Value {
  const { in: width, out, bias = false, part } = sizes;
  const weight =
    part === undefined
      ? b.weight(`${name}.weight`, [out, width])
      : b.partOfWeight(`${name}.weight`, [part.of * out, width], part);
  const inputs = [b.cast(x), weight];
  if (bias) inputs.push(b.weight(`${name}.bias`, [out]));
  return b.op('Gemm', inputs, { transB: 1 });
}

export function silu(b: GraphBuilder, x: Value): Value {
  return b.op('Mul', [x, b.op('Sigmoid', [x])]);
}

/** `x / sqrt(mean(x^2 over the last axis) + eps)`, in float32 for any type of x. The result is float32. */
export function rms(b: GraphBuilder, x: Value, width: number, eps: number, scale?: Value): Value {
  const ones = scale ?? b.constant(Array.from({ length: width }, () => 1));
  return b.op('RMSNormalization', [b.cast(x, 'float32'), ones], { axis: -1, epsilon: { float: eps } });
}

/** Cuts the last axis into `count` equal runs. */
export function splitLast(b: GraphBuilder, x: Value, count: number): Value[] {
  return b.ops('Split', [x], count, { axis: -1, num_outputs: count });
}

/** x with the shape of `dims`; -1 is the rest. */
export function reshape(b: GraphBuilder, x: Value, dims: readonly number[]): Value {
  return b.op('Reshape', [x, b.constant(dims, 'int64')]);
}

export function transpose(b: GraphBuilder, x: Value, perm: readonly number[]): Value {
  return b.op('Transpose', [x], { perm });
}

/** Sizes of x's axes from `start` up to `end` as an int64 vector. */
export function shapeOf(b: GraphBuilder, x: Value, start: number, end: number): Value {
  return b.op('Shape', [x], { start, end }, 'int64');
}

/** x[begin .. end) along one axis; bounds that are values are int64 vectors of one element. @default end of the axis */
export function slice(b: GraphBuilder, x: Value, begin: Bound, end: Bound | undefined, axis: number): Value {
  const vector = (bound: Bound) => (typeof bound === 'number' ? b.constant([bound], 'int64') : bound);
  return b.op('Slice', [x, vector(begin), vector(end ?? Number.MAX_SAFE_INTEGER), b.constant([axis], 'int64')]);
}
type Bound = Value | number;

/** A constant float32 matrix of these rows. */
export function constantMatrix(b: GraphBuilder, rows: readonly (readonly number[])[]): Value {
  return reshape(b, b.constant(rows.flat()), [rows.length, rows[0]!.length]);
}

import { type NodeProto, TensorProto_DataType as DataType } from '../../gpu-worker/inference/onnx/onnx_pb.ts';

/** What is known of a value before anything is computed. */
export interface ValueShape {
  dims: readonly number[];
  type: number;
  /** Of int64 vectors that say sizes. */
  values?: readonly number[];
}

export const elements = (dims: readonly number[]): number => dims.reduce((product, n) => product * n, 1);

/**
 * Shapes of a node's outputs, for the operators that the project's graphs are made of, as ONNX defines them.
 *
 * @throws Error for an operator that is not among them, and for inputs that do not go together
 */
export function outputShapes(node: NodeProto, inputs: readonly ValueShape[]): ValueShape[] {
  const [a, b] = inputs as [ValueShape, ValueShape];
  const attribute = (name: string) => node.attribute.find((candidate) => candidate.name === name);
  const int = (name: string, otherwise = 0) => Number(attribute(name)?.i ?? otherwise);
  const like = (dims: readonly number[], type = a.type): ValueShape[] => [{ dims, type }];
  const axis = (rank: number, value: number) => (value < 0 ? value + rank : value);
  switch (node.opType) {
    case 'Identity':
      return [a];
    case 'Sigmoid':
    case 'Tanh':
    case 'Cos':
    case 'Sin':
    case 'Gelu':
    case 'Softmax':
    case 'RMSNormalization':
    case 'LayerNormalization':
    case 'RotaryEmbedding':
    case 'Attention':
    case 'MultiHeadAttention':
      return like(a.dims);
    case 'Cast':
      return like(a.dims, int('to'));
    case 'Add':
    case 'Mul':
      return like(broadcast(a.dims, b.dims));
    case 'Expand':
      return like(broadcast(a.dims, sizes(b)));
    case 'Reshape':
      return like(reshaped(a.dims, sizes(b)));
    case 'Transpose':
      return like(attribute('perm')!.ints.map((from) => a.dims[Number(from)]!));
    case 'Unsqueeze':
      return like(a.dims.toSpliced(sizes(b)[0]!, 0, 1));
    case 'Squeeze':
      return like(a.dims.toSpliced(sizes(b)[0]!, 1));
    case 'Shape': {
      const values = a.dims.slice(int('start'), int('end', a.dims.length));
      return [{ dims: [values.length], type: DataType.INT64, values }];
    }
    case 'Gather':
      return like([...b.dims, ...a.dims.slice(1)]);
    case 'Gemm':
      return like([a.dims[0]!, int('transB') ? b.dims[0]! : b.dims[1]!]);
    case 'MatMul':
      return like([...broadcast(a.dims.slice(0, -2), b.dims.slice(0, -2)), a.dims.at(-2)!, b.dims.at(-1)!]);
    case 'Conv': {
      const [n, , ...space] = a.dims;
      const [out, , ...kernel] = b.dims;
      return like([n!, out!, ...space.map((size, i) => size - kernel[i]! + 1)]);
    }
    case 'Concat': {
      const at = axis(a.dims.length, int('axis'));
      const length = inputs.reduce((sum, { dims }) => sum + dims[at]!, 0);
      return like(a.dims.with(at, length));
    }
    case 'Split': {
      const at = axis(a.dims.length, int('axis'));
      const parts = node.output.length;
      return node.output.map(() => ({ dims: a.dims.with(at, a.dims[at]! / parts), type: a.type }));
    }
    case 'Slice': {
      const [begin, end, at] = inputs.slice(1).map((input) => sizes(input)[0]!) as [number, number, number];
      const size = a.dims[at]!;
      const place = (value: number) => Math.min(size, Math.max(0, value < 0 ? value + size : value));
      return like(a.dims.with(at, Math.max(0, place(end) - place(begin))));
    }
    default:
      throw new Error(`no shape is known for the operator ${node.opType}`);
  }
}

/** Arithmetic operations of a node's matrix work, a multiplication and an addition counted as two; else 0. */
export function operations(node: NodeProto, inputs: readonly ValueShape[], [output]: readonly ValueShape[]): number {
  const [a, b] = inputs as [ValueShape, ValueShape];
  switch (node.opType) {
    case 'Gemm':
    case 'MatMul':
      return 2 * elements(output!.dims) * a.dims.at(-1)!;
    case 'Conv':
      return 2 * elements(output!.dims) * elements(b.dims.slice(1));
    case 'Attention':
    case 'MultiHeadAttention':
      // Keys are [1, heads, keys, width] or [1, keys, heads * width].
      return 4 * elements(a.dims) * b.dims.at(-2)!;
    default:
      return 0;
  }
}

function sizes({ values }: ValueShape): readonly number[] {
  if (values === undefined) throw new Error('a size is not known before the graph runs');
  return values;
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x = 1, y = 1] = [a[a.length - rank + i], b[b.length - rank + i]];
    if (x !== y && x !== 1 && y !== 1) throw new Error(`[${a.join()}] and [${b.join()}] do not go together`);
    return x === 1 ? y : x;
  });
}

function reshaped(from: readonly number[], wanted: readonly number[]): number[] {
  const dims = wanted.map((size, i) => (size === 0 ? from[i]! : size));
  const known = elements(dims.filter((size) => size !== -1));
  const total = elements(from);
  const result = dims.map((size) => (size === -1 ? total / known : size));
  if (elements(result) !== total) throw new Error(`[${from.join()}] cannot become [${wanted.join()}]`);
  return result;
}

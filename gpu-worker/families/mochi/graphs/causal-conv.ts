import type { GraphBuilder, Value } from '../../../inference/onnx/graph-builder.ts';
import { constantMatrix, reshape, shapeOf, slice, transpose } from '../../../inference/onnx/layers.ts';
import { type Matrix, winograd } from './winograd.ts';

/** Frames that a causal convolution sees before the current one. */
export const MEMORY = 2;

/**
 * 3x3x3 convolution of `frames` `[MEMORY + t, channels, H, W]`, edges replicated, to `[t, channels, H, W]`: the three frames
 * of each position lie as three channels beside each other, so that the kernel as it is stored is that of a 2-D
 * convolution: made in another order it would be copied at load.
 *
 * @param padded int64 `[0, -1, H + 2, W + 2]`
 */
export function convolve(b: GraphBuilder, frames: Value, name: string, channels: number, padded: Value): Value {
  const edged = replicateEdges(b, replicateEdges(b, frames, 3), 2);
  const shifted = [0, 1, 2].map((k) => {
    const frame = slice(b, edged, k, k === MEMORY ? undefined : k - MEMORY, 0);
    return reshape(b, frame, [0, 0, 1, -1]);
  });
  const joined = b.op('Reshape', [b.op('Concat', shifted, { axis: 2 }), padded]);
  const kernel = storedKernel(b, name, channels, [channels, 3 * channels, 3, 3]);
  return b.op('Conv', [joined, kernel, b.weight(`${name}.conv.bias`, [channels])]);
}

/**
 * The same of exactly `count` frames and the MEMORY before them, with count + 2 instead of 3 count products of each
 * frame's channels: 4 of 9 for six frames. For the CPU; its rounding is a few times that of the direct way.
 *
 * The combinations of frames are groups of one 2-D convolution, their kernels are made when the graph is loaded.
 */
export function convolveFewer(b: GraphBuilder, frames: Value, name: string, channels: number, count: number): Value {
  const { inputs, kernel, outputs } = winograd(count);
  const products = inputs.length;
  const combine = (matrix: Matrix, x: Value) =>
    b.op('MatMul', [constantMatrix(b, matrix), reshape(b, x, [matrix[0]!.length, -1])]);

  const groups = b.op('Concat', [b.constant([1, products * channels], 'int64'), shapeOf(b, frames, 2, 4)], { axis: 0 });
  const combined = b.op('Reshape', [combine(inputs, frames), groups]);
  const padded = b.op('Pad', [combined, b.constant([0, 0, 1, 1, 0, 0, 1, 1], 'int64')], { mode: 'edge' });

  const timeFirst = transpose(b, storedKernel(b, name, channels, [channels, channels, 3, 9]), [2, 0, 1, 3]);
  const kernels = reshape(b, combine(kernel, timeFirst), [products * channels, channels, 3, 3]);
  const counted = inputs.map((_, j) => [j === 1 ? 1 : 0]);
  const bias = reshape(b, combine(counted, b.weight(`${name}.conv.bias`, [channels])), [products * channels]);
  const convolved = b.op('Conv', [padded, kernels, bias], { group: products });

  const frame = b.op('Concat', [b.constant([count], 'int64'), shapeOf(b, frames, 1, 4)], { axis: 0 });
  return b.op('Reshape', [combine(outputs, convolved), frame]);
}

/** @param as `[to, from, time, row, column]`, with neighbours joined */
function storedKernel(b: GraphBuilder, name: string, channels: number, as: number[]): Value {
  return b.weight(`${name}.conv.weight`, [channels, channels, 3, 3, 3], b.computeType, as);
}

function replicateEdges(b: GraphBuilder, x: Value, axis: number): Value {
  const front = slice(b, x, 0, 1, axis);
  const back = slice(b, x, -1, undefined, axis);
  return b.op('Concat', [front, x, back], { axis });
}

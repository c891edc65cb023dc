/**
 * What plain matrix products reach: `gemm-peak.js DEVICE TYPE ROWS WIDTH INNER THREADS` prints operations a second of
 * `[rows, width] x [width, inner]` and back, in turn, as in a feed-forward layer.
 */
import { float32 } from '../../../gpu-worker/inference/onnx/session.ts';
import type { ComputeType } from '../../../gpu-worker/weights/weights.ts';
import { deviates } from '../../harness/measure/deviates.ts';
import { graphWithoutWeights, secondsOfLink } from '../measure/chain-timing.ts';

const PAIRS = { short: 1, long: 6 };
const ROUNDS = 3;

const [, , device, type, ...numbers] = process.argv as [string, string, string, ComputeType, ...string[]];
const [rows, width, inner, threads] = numbers.map(Number) as [number, number, number, number];

const input = async (seed: number, dims: [number, number], scale: number) =>
  float32(await deviates(seed, dims[0] * dims[1], scale), dims);
const feeds = {
  x: await input(1, [rows, width], 1),
  // Torch's layout, and values of the same size after each product.
  up: await input(2, [inner, width], 1 / Math.sqrt(width)),
  down: await input(3, [width, inner], 1 / Math.sqrt(inner)),
};

const seconds = await secondsOfLink(chain, PAIRS, feeds, { device, threads, rounds: ROUNDS });
process.stdout.write(`${(2 * 2 * rows * width * inner) / seconds}\n`);

function chain(pairs: number): Uint8Array {
  const b = graphWithoutWeights(type);
  let x = b.cast(b.input('x', [rows, width]));
  const up = b.cast(b.input('up', [inner, width]));
  const down = b.cast(b.input('down', [width, inner]));
  for (let i = 0; i < pairs; i++) {
    x = b.op('Gemm', [b.op('Gemm', [x, up], { transB: 1 }), down], { transB: 1 });
  }
  // One row is enough to make all of them necessary, and little to copy.
  b.output('y', b.op('Gather', [x, b.constant([0], 'int64')], { axis: 0 }), [1, width]);
  return b.build('chain');
}

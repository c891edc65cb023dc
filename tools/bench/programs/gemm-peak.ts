/**
 * What plain matrix products reach: `gemm-peak.js DEVICE TYPE ROWS WIDTH INNER THREADS` prints operations a second of
 * `[rows, width] x [width, inner]` and back, in turn, as in a feed-forward layer. Long and short chains are compared, so
 * that what happens once a run (copies from and to the host) does not count.
 */
import { GraphBuilder } from '../../../gpu-worker/inference/onnx/graph-builder.ts';
import { createSession, float32, runOne } from '../../../gpu-worker/inference/onnx/session.ts';
import type { ComputeType } from '../../../gpu-worker/weights/weights.ts';
import { spreadOf } from '../../harness/measure/spread.ts';
import { deviates } from '../measure/deviates.ts';

const PAIRS = { short: 1, long: 6 };
/** At least; small products need many rounds for a median that no other process moves. */
const ROUNDS = 3;
const LEAST_MS = 250;

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

const seconds: Record<keyof typeof PAIRS, number[]> = { short: [], long: [] };
const sessions = {
  short: await createSession(chain(PAIRS.short), device, { threads, convertWeightsAtLoad: true }),
  long: await createSession(chain(PAIRS.long), device, { threads, convertWeightsAtLoad: true }),
};
const begunAt = performance.now();
for (let round = 0; round <= ROUNDS || performance.now() - begunAt < LEAST_MS; round++) {
  for (const length of ['short', 'long'] as const) {
    const begin = performance.now();
    await runOne(sessions[length], feeds, 'y');
    // The first run makes room and chooses kernels.
    if (round > 0) seconds[length].push((performance.now() - begin) / 1000);
  }
}
const difference = spreadOf(seconds.long).median - spreadOf(seconds.short).median;
process.stdout.write(`${((PAIRS.long - PAIRS.short) * 2 * 2 * rows * width * inner) / difference}\n`);

function chain(pairs: number): Uint8Array {
  const noWeights = () => {
    throw new Error('the graph has no weights');
  };
  const b = new GraphBuilder({ get: noWeights }, type);
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

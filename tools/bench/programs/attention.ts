/**
 * What one node of attention takes: `attention.js DEVICE TYPE contrib|standard TOKENS HEADS WIDTH THREADS RUNS` prints
 * an {@link AttentionTimes} as its last line. The node stands as in a block of the transformer, with the transposes that its
 * operator needs.
 */
import type { Value } from '../../../gpu-worker/inference/onnx/graph-builder.ts';
import { attend, type AttentionKernel } from '../../../gpu-worker/families/mochi/graphs/attention.ts';
import { float32 } from '../../../gpu-worker/inference/onnx/session.ts';
import type { ComputeType } from '../../../gpu-worker/weights/weights.ts';
import { deviates } from '../../harness/measure/deviates.ts';
import { graphWithoutWeights, secondsOfLink } from '../measure/chain-timing.ts';

export interface AttentionTimes {
  /** Of one node. */
  seconds: number;
  operations: number;
}

const NODES = { short: 1, long: 33 };

const [, , device, type, kernel, ...numbers] = process.argv as [
  string,
  string,
  string,
  ComputeType,
  AttentionKernel,
  ...string[],
];
const [tokens, H, d, threads, runs] = numbers.map(Number) as [number, number, number, number, number];
const D = H * d;
const inputs = ['query', 'key', 'value'];
const entries = inputs.map(async (name, i) => [name, float32(await deviates(i, tokens * D), [tokens, D])] as const);
const feeds = Object.fromEntries(await Promise.all(entries));

const seconds = await secondsOfLink(chain, NODES, feeds, { device, threads, rounds: runs });
process.stdout.write(`\n${JSON.stringify({ seconds, operations: 4 * tokens ** 2 * D } satisfies AttentionTimes)}\n`);

function chain(nodes: number): Uint8Array {
  const b = graphWithoutWeights(type);
  const [query, key, value] = inputs.map((name) => b.cast(b.input(name, [tokens, D]))) as [Value, Value, Value];
  let x = query;
  for (let i = 0; i < nodes; i++) x = attend(b, { query: x, key, value }, { heads: H, width: d, kernel });
  // One row is enough to make all of them necessary, and little to copy.
  b.output('y', b.op('Gather', [x, b.constant([0], 'int64')], { axis: 0 }), [1, D]);
  return b.build('attention');
}

/**
 * What one node of attention takes: `attention.js DEVICE TYPE contrib|standard TOKENS HEADS WIDTH THREADS RUNS` prints
 * an {@link AttentionTimes} as its last line. The node stands as in a block of the transformer, with the transposes that its
 * operator needs. Long and short chains are compared, so that what happens once a run does not count.
 */
import { GraphBuilder, type Value } from '../../../gpu-worker/inference/onnx/graph-builder.ts';
import { attend, type AttentionKernel } from '../../../gpu-worker/families/mochi/graphs/attention.ts';
import { createSession, float32, runOne } from '../../../gpu-worker/inference/onnx/session.ts';
import type { ComputeType } from '../../../gpu-worker/weights/weights.ts';
import { spreadOf } from '../../harness/measure/spread.ts';
import { deviates } from '../measure/deviates.ts';

export interface AttentionTimes {
  /** Of one node. */
  seconds: number;
  operations: number;
}

const NODES = { short: 1, long: 33 };
/** Small nodes need many runs for a median that no other process moves. */
const LEAST_MS = 250;

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

const options = { threads, convertWeightsAtLoad: true };
const sessions = {
  short: await createSession(chain(NODES.short), device, options),
  long: await createSession(chain(NODES.long), device, options),
};
const times: Record<keyof typeof NODES, number[]> = { short: [], long: [] };
const begunAt = performance.now();
for (let run = 0; run <= runs || performance.now() - begunAt < LEAST_MS; run++) {
  for (const length of ['short', 'long'] as const) {
    const begin = performance.now();
    await runOne(sessions[length], feeds, 'y');
    // The first run makes room and chooses kernels.
    if (run > 0) times[length].push((performance.now() - begin) / 1000);
  }
}
const difference = spreadOf(times.long).median - spreadOf(times.short).median;
const seconds = difference / (NODES.long - NODES.short);
process.stdout.write(`\n${JSON.stringify({ seconds, operations: 4 * tokens ** 2 * D } satisfies AttentionTimes)}\n`);

function chain(nodes: number): Uint8Array {
  const noWeights = () => {
    throw new Error('the graph has no weights');
  };
  const b = new GraphBuilder({ get: noWeights }, type);
  const [query, key, value] = inputs.map((name) => b.cast(b.input(name, [tokens, D]))) as [Value, Value, Value];
  let x = query;
  for (let i = 0; i < nodes; i++) x = attend(b, { query: x, key, value }, { heads: H, width: d, kernel });
  // One row is enough to make all of them necessary, and little to copy.
  b.output('y', b.op('Gather', [x, b.constant([0], 'int64')], { axis: 0 }), [1, D]);
  return b.build('attention');
}

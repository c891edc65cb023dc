/**
 * What two jobs take in one pass and in two: `batched-blocks.js MODEL TOKENS THREADS ROUNDS` prints a {@link BatchTimes}.
 * The graph is that of a model's transformer blocks with a batch axis, visual tokens only: text and rotations, a few
 * percent of a pass, are left out.
 */
import { readConfig } from '../../../gpu-worker/families/mochi/config/config.ts';
import { sizes } from '../../../gpu-worker/families/mochi/graphs/transformer.ts';
import { randn } from '../../../gpu-worker/inference/noise.ts';
import { GraphBuilder, type Value } from '../../../gpu-worker/inference/onnx/graph-builder.ts';
import { linear, reshape, rms, silu, splitLast, transpose } from '../../../gpu-worker/inference/onnx/layers.ts';
import { createSession, float32, runOne } from '../../../gpu-worker/inference/onnx/session.ts';
import { findWeights } from '../../../gpu-worker/weights/weights.ts';
import type { Run } from '../measure/interleave.ts';

export interface BatchTimes {
  /** One pass over both jobs, and a pass over each, by round. */
  rounds: { together: Run; apart: Run }[];
  /** Largest difference between the two, as a share of the largest value. */
  difference: number;
}

const EPS = 1e-6;

const [, , dir, ...numbers] = process.argv as [string, string, string, ...string[]];
const [tokens, threads, rounds] = numbers.map(Number) as [number, number, number];
const { transformer: config } = await readConfig(dir);
const weights = await findWeights(dir, 'transformer', 'float32');
const { D, F } = sizes(config);
const { num_attention_heads: H, attention_head_dim: d, num_layers: layers } = config;

const jobs = await Promise.all(
  [1, 2].map(async (seed) => ({ x: await randn(seed, tokens * D), time: await randn(seed + 2, D) })),
);
const both = { x: concat(jobs.map(({ x }) => x)), time: concat(jobs.map(({ time }) => time)) };
const single = await createSession(blocks(1), 'cpu', { threads, convertWeightsAtLoad: true });
const double = await createSession(blocks(2), 'cpu', { threads, convertWeightsAtLoad: true });
const feeds = ({ x, time }: { x: Float32Array; time: Float32Array }) => ({
  x: float32(x, [x.length / D, D]),
  time: float32(time, [time.length / D, D]),
});
const together = () => runOne(double, feeds(both), 'y');
const apart = async () =>
  concat([await runOne(single, feeds(jobs[0]!), 'y'), await runOne(single, feeds(jobs[1]!), 'y')]);

// The first runs make room and choose kernels.
const times: BatchTimes = { rounds: [], difference: differenceOf(await together(), await apart()) };
for (let round = 0; round < rounds; round++) {
  times.rounds.push({ together: await measure(together), apart: await measure(apart) });
}
process.stdout.write(JSON.stringify(times));

/** All blocks over `batch` jobs: `x` is `[batch * tokens, D]`, `time` `[batch, D]`. */
function blocks(batch: number): Uint8Array {
  const b = new GraphBuilder(weights, 'float32');
  let x = b.input('x', [batch * tokens, D]);
  const activated = silu(b, b.input('time', [batch, D]));
  const byJob = (value: Value) => reshape(b, value, [batch, tokens, -1]);
  const rows = (value: Value, width: number) => reshape(b, value, [batch * tokens, width]);
  const scaled = (value: Value, scale: Value) =>
    rows(b.op('Mul', [byJob(rms(b, value, D, EPS)), b.op('Add', [scale, b.constant(1)])]), D);
  const gated = (value: Value, gate: Value) =>
    rows(b.op('Mul', [byJob(rms(b, value, D, EPS)), b.op('Tanh', [gate])]), D);

  for (let i = 0; i < layers; i++) {
    const block = `transformer_blocks.${i}`;
    const modulation = linear(b, activated, `${block}.norm1.linear`, { in: D, out: 4 * D, bias: true });
    const [scaleMsa, gateMsa, scaleMlp, gateMlp] = splitLast(b, reshape(b, modulation, [batch, 1, 4 * D]), 4);
    const input = scaled(x, scaleMsa!);
    const heads = (name: string) =>
      reshape(b, linear(b, input, `${block}.attn1.${name}`, { in: D, out: D }), [batch, tokens, H, d]);
    const query = byJob(rms(b, heads('to_q'), d, EPS));
    const key = transpose(b, rms(b, heads('to_k'), d, EPS), [0, 2, 1, 3]);
    const value = transpose(b, heads('to_v'), [0, 2, 1, 3]);
    const attended = b.op('com.microsoft::MultiHeadAttention', [query, key, value], { num_heads: H });
    const out = linear(b, rows(attended, D), `${block}.attn1.to_out.0`, { in: D, out: D, bias: true });
    x = b.op('Add', [x, gated(out, gateMsa!)]);
    const hidden = linear(b, scaled(x, scaleMlp!), `${block}.ff.net.0.proj`, { in: D, out: 2 * F });
    const [up, gate] = splitLast(b, hidden, 2);
    const inner = b.op('Mul', [up!, silu(b, gate!)]);
    x = b.op('Add', [x, gated(linear(b, inner, `${block}.ff.net.2`, { in: F, out: D }), gateMlp!)]);
  }
  b.output('y', x, [batch * tokens, D]);
  return b.build('blocks');
}

async function measure(action: () => Promise<unknown>): Promise<Run> {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await action();
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

function differenceOf(a: Float32Array, b: Float32Array): number {
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / largest;
}

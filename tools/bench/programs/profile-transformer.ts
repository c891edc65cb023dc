/**
 * What a pass of a model's transformer takes on the CPU, and which operators take it: `profile-transformer.js MODEL T H W
 * TOKENS THREADS RUNS FOLDER` prints a {@link TransformerProfile}. FOLDER is for the runtime's own notes.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { graphCost, type GraphInput } from '../../cuda/graph-cost.ts';
import { transformerInputs } from '../../cuda/run-inputs.ts';
import { readConfig } from '../../../gpu-worker/families/mochi/config/config.ts';
import { ModelGraphs } from '../../../gpu-worker/families/mochi/graphs/model-graphs.ts';
import { randn } from '../../../gpu-worker/inference/noise.ts';
import { createSession, float32, int64 } from '../../../gpu-worker/inference/onnx/session.ts';
import { findWeights } from '../../../gpu-worker/weights/weights.ts';

export interface TransformerProfile {
  /** Of each pass, without profiling. */
  seconds: number[];
  /** Of one pass. */
  operations: number;
  /** Share of time by operator, the largest first. */
  operators: [name: string, share: number][];
}

interface ProfileEvent {
  cat: string;
  dur: number;
  args: { op_name?: string };
}

const [, , dir, ...rest] = process.argv as [string, string, string, ...string[]];
const folder = rest.pop()!;
const [T, h, w, tokens, threads, runs] = rest.map(Number) as [number, number, number, number, number, number];

const config = await readConfig(dir);
const options = { device: 'cpu', computeType: 'float32' } as const;
const graphs = new ModelGraphs(config, options, (component) => findWeights(dir, component, 'float32'));
const { graph, ...loading } = await graphs.transformer();
const inputs = transformerInputs(config, { T, h, w }, tokens);
const entries = Object.entries(inputs).map(async ([name, input], i) => [name, await tensor(input, i)] as const);
const feeds = Object.fromEntries(await Promise.all(entries));

const session = await createSession(graph, 'cpu', { threads, ...loading });
const seconds: number[] = [];
for (let run = 0; run <= runs; run++) {
  const begin = performance.now();
  await session.run(feeds);
  if (run > 0) seconds.push((performance.now() - begin) / 1000);
}
const { operations } = graphCost(graph, inputs);
process.stdout.write(
  JSON.stringify({ seconds, operations, operators: await operators() } satisfies TransformerProfile),
);

async function tensor({ dims, values }: GraphInput, seed: number) {
  const count = dims.reduce((product, size) => product * size, 1);
  if (values !== undefined) return int64(BigInt64Array.from(values, BigInt), dims);
  return float32((await randn(seed, Math.max(count, 16))).subarray(0, count), dims);
}

async function operators(): Promise<[string, number][]> {
  const profile = join(folder, 'profile');
  const profiled = await createSession(graph, 'cpu', { threads, ...loading, profile });
  for (let run = 0; run < runs; run++) await profiled.run(feeds);
  profiled.endProfiling();
  const [file] = await readdir(folder);
  const events = JSON.parse(await readFile(join(folder, file!), 'utf8')) as ProfileEvent[];
  const times = new Map<string, number>();
  for (const { cat, dur, args } of events) {
    if (cat === 'Node' && args.op_name) times.set(args.op_name, (times.get(args.op_name) ?? 0) + dur);
  }
  const all = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times].map(([name, time]): [string, number] => [name, time / all]).toSorted((a, b) => b[1] - a[1]);
}

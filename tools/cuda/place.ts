/**
 * Makes every session of a model on `cuda:0` as an inference process does, one component after another, and tells of it
 * on standard error, where ONNX Runtime and the stub CUDA libraries report too. Runs as a process of its own, with the
 * libraries in `LD_LIBRARY_PATH`: `node place.js DIR float32|bfloat16`.
 */
import { writeSync } from 'node:fs';
import { readConfig } from '../../gpu-worker/families/mochi/config/config.ts';
import { type LoadableGraph, ModelGraphs } from '../../gpu-worker/families/mochi/graphs/model-graphs.ts';
import { GraphBuilder } from '../../gpu-worker/inference/onnx/graph-builder.ts';
import { createSession } from '../../gpu-worker/inference/onnx/session.ts';
import { type ComputeType, findWeights } from '../../gpu-worker/weights/weights.ts';
import { CONTROL } from './report.ts';

const DEVICE = 'cuda:0';
const [, , dir, computeType] = process.argv as [string, string, string, ComputeType];

const graphs = new ModelGraphs(await readConfig(dir), { device: DEVICE, computeType }, (component) =>
  findWeights(dir, component, computeType),
);
const components: Record<string, () => LoadableGraph | Promise<LoadableGraph>> = {
  transformer: () => graphs.transformer(),
  'text conditioning': () => graphs.conditioning(),
  'VAE decoder': () => graphs.vae(),
  'text encoder': () => graphs.textEncoder(),
  // The check itself is checked: this one must not be placed.
  [CONTROL]: () => withoutKernel(),
};
// Sessions stay: the device has to hold all of them at once.
const sessions: unknown[] = [];
for (const [name, build] of Object.entries(components)) {
  tell(`begin ${name}`);
  const { graph, convertWeightsAtLoad } = await build();
  try {
    sessions.push(await createSession(graph, DEVICE, { threads: 1, convertWeightsAtLoad, verbose: true }));
    tell(`placed ${name}`);
  } catch (error) {
    tell(`refused ${name}: ${(error as Error).message.replaceAll('\n', ' ')}`);
  }
}
tell('end');

/** ONNX Runtime has a kernel for this operator on the CPU, and none on CUDA. */
function withoutKernel(): LoadableGraph {
  const noWeights = () => {
    throw new Error('the graph has no weights');
  };
  const b = new GraphBuilder({ get: noWeights }, 'float32');
  b.output('y', b.op('Det', [b.input('x', [1, 3, 3])]), [1]);
  return { graph: b.build('without_kernel'), convertWeightsAtLoad: true, prepack: false };
}

function tell(line: string): void {
  writeSync(2, `place ${line}\n`);
}

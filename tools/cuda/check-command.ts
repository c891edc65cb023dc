/** `npm run check:cuda`: places the real Mochi 1 on CUDA without a GPU, and adds up the memory that it needs there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runProcess } from '../../platform/process/run-process.ts';
import { withUsage } from '../../platform/config/user-error.ts';
import { readConfig } from '../../gpu-worker/families/mochi/config/config.ts';
import { ModelGraphs } from '../../gpu-worker/families/mochi/graphs/model-graphs.ts';
import { findWeights } from '../../gpu-worker/weights/weights.ts';
import { deviceBytes, runCosts } from './device-memory.ts';
import { MOCHI_1 } from './mochi-1.ts';
import { type Placed, parsePlacementLog } from './placement-log.ts';
import { CUDA_PROVIDER, cudaProviderFolder } from './provider.ts';
import { faultsOf, formatClips, formatPlacement, type ClipMemory } from './report.ts';
import { writeStandInModel } from './stand-in-model.ts';
import { compileStubLibraries } from './stub-libraries.ts';

const USAGE = `Usage: npm run check:cuda -- [--download]

Makes every session of Mochi 1 in its published configuration on ONNX Runtime's CUDA provider, in bfloat16, without a GPU
and without weights: over stub CUDA libraries, with files of the right shapes and no content. Fails where a node would
fall back to the CPU, or where the memory would not fit a GPU of 80 GB. Nothing is computed.

  --download   fetches the CUDA provider (250 MB) into the cache where it is not there`;

const CLIPS = [
  { width: 848, height: 480, numFrames: 163 },
  { width: 1280, height: 720, numFrames: 163 },
];

async function main(): Promise<number> {
  const { download } = argumentsOf(process.argv.slice(2));
  const provider = await cudaProviderFolder(download);
  const folder = await mkdtemp(join(tmpdir(), 'kinora-cuda-'));
  try {
    const stubs = join(folder, 'stubs');
    await mkdir(stubs);
    await compileStubLibraries(join(provider, CUDA_PROVIDER), stubs);
    const model = join(folder, 'model');
    await writeStandInModel(model, MOCHI_1, 'none');

    const placed = parsePlacementLog(await place(model, [stubs, provider]));
    process.stdout.write(`${formatPlacement(placed)}\n\n`);
    const clips = await clipMemory(model, placed);
    process.stdout.write(`${formatClips(clips)}\n\n`);
    const faults = faultsOf(placed, clips);
    for (const fault of faults) process.stdout.write(`${fault}\n`);
    if (faults.length === 0)
      process.stdout.write('Every node is placed on CUDA, and the memory fits. Nothing was run.\n');
    return faults.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function place(model: string, libraries: string[]): Promise<string> {
  const program = fileURLToPath(new URL('./place.js', import.meta.url));
  const child = spawn(process.execPath, [program, model, 'bfloat16'], {
    env: { ...process.env, LD_LIBRARY_PATH: libraries.join(delimiter), ORT_DISABLE_TELEMETRY: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  await once(child, 'close');
  return log;
}

async function clipMemory(model: string, placed: Placed[]): Promise<ClipMemory[]> {
  const config = await readConfig(model);
  const computeType = 'bfloat16';
  const graphs = new ModelGraphs(config, { device: 'cuda:0', computeType }, (component) =>
    findWeights(model, component, computeType),
  );
  const weights = placed.reduce((sum, { bytes }) => sum + bytes, 0);
  const clips: ClipMemory[] = [];
  for (const clip of CLIPS) {
    const costs = await runCosts(config, graphs, clip);
    clips.push({ clip, costs, ...deviceBytes(weights, costs) });
  }
  return clips;
}

function argumentsOf(args: string[]): { download: boolean } {
  return withUsage(USAGE, () => {
    return parseArgs({ args, options: { download: { type: 'boolean', default: false } } }).values;
  });
}

await runProcess(main);

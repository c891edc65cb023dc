/** `npm run bench:gpu`: what Mochi 1 does on this machine's one or two GPUs. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readGpus } from '../../../gpu-worker/device/gpus.ts';
import { runProcess } from '../../../platform/process/run-process.ts';
import { UserError } from '../../../platform/config/user-error.ts';
import { ourSoftware } from '../measure/machine.ts';
import { provideCuda } from './cuda-libraries.ts';
import { formatGpuReport, sound } from './report.ts';
import { benchGpu } from './run.ts';
import { realWorkload, SMALL_WORKLOAD } from './workload.ts';

const USAGE = `Usage: npm run bench:gpu -- [--download] [--python FILE] [--json FILE] [--cpu]

On a machine with one or two GPUs: whether a tiny model gives the same there as on the CPU, in float32 and bfloat16; then
Mochi 1 with random weights: seconds of a forward pass, of a guided step and of a decode at 85 and 163 frames of 848x480,
TFLOP/s, the most memory in use; and PyTorch beside it where it is installed with CUDA. Needs no weights.

  --download   fetches ONNX Runtime's CUDA provider, CUDA 13 and cuDNN 9 into the cache where they are not there (2 GB)
  --python F   the Python whose diffusers and torch are measured (default: python3)
  --json FILE  where the results go (default: bench-gpu.json in the current folder)
  --cpu        the same code on the CPU with next to nothing to do: whether the benchmark itself works`;

async function main(): Promise<number> {
  const { cpu, download, python, json } = argumentsOf(process.argv.slice(2));
  const gpus = cpu ? [] : (await readGpus()).slice(0, 2);
  if (!cpu && gpus.length === 0) {
    throw new UserError('nvidia-smi knows of no GPU here. --cpu tries the benchmark itself, without one.');
  }
  if (!cpu) await provideCuda(download);
  const workload = cpu ? SMALL_WORKLOAD : realWorkload(gpus.map(({ index }) => `cuda:${index}`));
  const folder = await mkdtemp(join(tmpdir(), 'kinora-bench-gpu-'));
  try {
    const measured = await benchGpu(workload, { folder, python, say });
    const about = { date: new Date().toISOString().slice(0, 10), gpus: gpus.map(({ name }) => name) };
    const report = { ...about, software: ourSoftware(), ...measured };
    await writeFile(json, JSON.stringify(report, undefined, 2));
    process.stdout.write(`${formatGpuReport(report)}\n`);
    return sound(report) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function argumentsOf(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        cpu: { type: 'boolean', default: false },
        download: { type: 'boolean', default: false },
        python: { type: 'string', default: 'python3' },
        json: { type: 'string', default: 'bench-gpu.json' },
      },
    }).values;
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

await runProcess(main);

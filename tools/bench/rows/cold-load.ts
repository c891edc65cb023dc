import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeviceProcess } from '../../../gpu-worker/inference/device-process.ts';
import { type Benchmark, THREADS } from '../measure/benchmark.ts';
import { cpuSeconds } from '../../harness/measure/cpu-time.ts';
import { interleave, type Run } from '../measure/interleave.ts';
import { PYTHON_FOLDER } from '../measure/python-environment.ts';
import { randomModel } from '../measure/random-model.ts';
import { spreadOf } from '../../harness/measure/spread.ts';
import { INFERENCE_ENTRY } from '../../../gpu-worker/families/mochi/mochi.ts';

const DEADLINE_MS = 300_000;
const SHAPE = { T: 1, h: 16, w: 16 };
const TOKENS = 16;
const TEXT_WIDTH = 256;
const MIB = 2 ** 20;

interface Load {
  /** Until the weights are there. */
  load: Run;
  /** From the beginning until a small pass is done, which is the first to touch them all. */
  firstPass: Run;
  privateBytes: number;
}

/** From a model's folder to its first pass. */
export const coldLoad: Benchmark = {
  id: 'load',
  title: 'Loading a model with 2 GiB of float32 weights, its file in the page cache',
  run: async ({ python, rounds }) => {
    const dir = await randomModel(await python(), 'large');
    const loads: Record<'ours' | 'baseline', Load[]> = { ours: [], baseline: [] };
    const timesOf = (side: 'ours' | 'baseline', load: () => Promise<Load>) => async () => {
      const measured = await load();
      loads[side].push(measured);
      return measured.load;
    };
    const load = await interleave(rounds, {
      ours: timesOf('ours', () => ourLoad(dir)),
      baseline: timesOf('baseline', async () => baselineLoad(await python(), dir)),
    });
    const replay = (side: Load[]) => {
      const left = side.map(({ firstPass }) => firstPass);
      return async () => left.shift()!;
    };
    const first = await interleave(rounds, { ours: replay(loads.ours), baseline: replay(loads.baseline) });
    const memory = {
      ours: spreadOf(loads.ours.map(({ privateBytes }) => privateBytes / MIB)),
      baseline: spreadOf(loads.baseline.map(({ privateBytes }) => privateBytes / MIB)),
      ratio: spreadOf(loads.ours.map(({ privateBytes }, i) => privateBytes / loads.baseline[i]!.privateBytes)),
    };
    return {
      figures: [
        { what: 'load, 2 GiB', unit: 's', ...load },
        { what: 'private memory after it', unit: 'MiB', ...memory },
        { what: 'load and a first, small pass', unit: 's', ...first, goal: 1 },
      ],
      notes: [
        'A fresh process each time; imports are not counted. Kinora maps the file and reads weights as they are used.',
        'diffusers’ from_pretrained maps the file too and touches no weight either, so both need next to nothing of 2 GiB: what is left here is making the graphs and sessions of all four components.',
        'The limit: ONNX Runtime resolves, optimises and makes a kernel for each node, some 0.1 ms, and the transformer’s graph has 744 of them (991 before some were fused); without any optimisation it takes three quarters of that. Sessions cannot be made at the same time: their making holds the process’s one JavaScript thread.',
        'Weights up to 1 GiB are also packed at load, a second a GiB, which their passes soon make up for; these 2 GiB are not.',
      ],
    };
  },
};

async function ourLoad(dir: string): Promise<Load> {
  const device = new DeviceProcess('cpu', INFERENCE_ENTRY);
  try {
    await device.call('peakMemoryMb', [], DEADLINE_MS); // it is up
    const pid = device.pid!;
    const memoryBefore = await ownBytes(pid);
    const cpuBegin = await cpuSeconds(pid);
    const begin = performance.now();
    const since = async (): Promise<Run> => {
      const seconds = (performance.now() - begin) / 1000;
      return { seconds, cpuSeconds: (await cpuSeconds(pid)) - cpuBegin };
    };
    const args = { dir, device: 'cpu', computeType: 'float32', threads: THREADS, textEncoder: true } as const;
    await device.call('load', [args], DEADLINE_MS);
    const load = await since();
    const memory = (await ownBytes(pid)) - memoryBefore;
    await device.call('condition', ['text', new Float32Array(TOKENS * TEXT_WIDTH)], DEADLINE_MS);
    const latents = new Float32Array(12 * SHAPE.T * SHAPE.h * SHAPE.w);
    await device.call('velocity', ['text', latents, SHAPE, 500], DEADLINE_MS);
    return { load, firstPass: await since(), privateBytes: memory };
  } finally {
    await device.kill();
  }
}

async function baselineLoad(python: string, dir: string): Promise<Load> {
  const { stdout } = await promisify(execFile)(python, [join(PYTHON_FOLDER, 'cold_load.py'), dir]);
  return JSON.parse(stdout) as Load;
}

async function ownBytes(pid: number): Promise<number> {
  // Clean pages are the file's own, which the system has anyway.
  const [, kilobytes] = /^Private_Dirty: +(\d+) kB/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))!;
  return Number(kilobytes) * 1024;
}

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { VideoSpec } from '../../../contract/video-job.ts';
import { THREADS } from '../measure/benchmark.ts';
import type { Plot } from '../measure/plot.ts';
import type { GrowthPoint } from '../programs/growth-point.ts';
import { TINY } from '../measure/random-model.ts';
import { spreadOf } from '../../harness/measure/spread.ts';

const PROGRAM = fileURLToPath(new URL('../programs/growth-point.js', import.meta.url));
const SPEC = {
  prompt: 'a red circle moving left on a white background',
  width: 96,
  height: 96,
  numFrames: 13,
  seed: 7,
  numInferenceSteps: 8,
  guidanceScale: 3,
} satisfies Partial<VideoSpec>;

interface Dimension {
  id: string;
  title: string;
  x: string;
  points: [x: number, change: Partial<VideoSpec>][];
}

const square = (side: number): Dimension['points'][0] => [side * side, { width: side, height: side }];

const DIMENSIONS: Dimension[] = [
  {
    id: 'growth-frames',
    title: 'A clip of mochi-tiny: frames',
    x: 'frames of 96 x 96, 8 steps',
    points: [7, 13, 25, 37, 49, 61].map((numFrames) => [numFrames, { numFrames }]),
  },
  {
    id: 'growth-pixels',
    title: 'A clip of mochi-tiny: pixels',
    x: 'pixels of each of 13 frames, 8 steps',
    points: [64, 96, 128, 160, 192, 224].map(square),
  },
  {
    id: 'growth-steps',
    title: 'A clip of mochi-tiny: steps',
    x: 'steps, 13 frames of 96 x 96',
    points: [4, 8, 16, 32, 64].map((numInferenceSteps) => [numInferenceSteps, { numInferenceSteps }]),
  },
];

/** Seconds and memory of a clip against its frames, pixels and steps, each point in a process of its own. */
export async function modelGrowth(rounds: number): Promise<Plot[]> {
  const plots: Plot[] = [];
  for (const { id, title, x, points } of DIMENSIONS) {
    const seconds: [number, number][] = [];
    const cpuSeconds: [number, number][] = [];
    const memory: [number, number][] = [];
    for (const [at, change] of points) {
      const point = await measure({ ...SPEC, ...change }, rounds);
      seconds.push([at, spreadOf(point.seconds).median]);
      cpuSeconds.push([at, spreadOf(point.cpuSeconds).median]);
      memory.push([at, point.peakMb]);
    }
    const time = [
      { name: 'seconds', points: seconds },
      { name: 'CPU seconds', points: cpuSeconds },
    ];
    const peak = [{ name: 'peak memory, model included', points: memory }];
    plots.push({
      id,
      title,
      x,
      panels: [
        { unit: 's', series: time },
        { unit: 'MiB', series: peak },
      ],
    });
  }
  return plots;
}

async function measure(spec: Partial<VideoSpec>, rounds: number): Promise<GrowthPoint> {
  const args = [PROGRAM, TINY, JSON.stringify(spec), String(THREADS), String(rounds)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as GrowthPoint;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from '../measure/benchmark.ts';
import { endedChildrenSeconds } from '../../harness/measure/cpu-time.ts';
import { interleave, type Run } from '../measure/interleave.ts';
import { PYTHON_FOLDER } from '../measure/python-environment.ts';
import { TINY } from '../measure/random-model.ts';

const PROGRAM = fileURLToPath(new URL('../programs/whole-video.js', import.meta.url));
const SPEC = {
  prompt: 'a red circle moving left on a white background',
  width: 128,
  height: 128,
  numFrames: 25,
  fps: 12,
  seed: 7,
  numInferenceSteps: 24,
  guidanceScale: 3,
};

/** The tiny model from nothing to an MP4. */
export const wholeVideo: Benchmark = {
  id: 'video',
  title: 'A whole video with mochi-tiny: 25 frames of 128 x 128, 24 steps, from the start of the process to the MP4',
  run: async ({ python, rounds, folder }) => {
    const ours = async () => {
      const here = await mkdtemp(join(folder, 'ours-'));
      return timed(process.execPath, [PROGRAM, TINY, JSON.stringify(SPEC), here]);
    };
    const baseline = async () => {
      const file = join(await mkdtemp(join(folder, 'baseline-')), 'video.mp4');
      const args = [join(PYTHON_FOLDER, 'whole_video.py'), TINY, SPEC.prompt, JSON.stringify(SPEC), file];
      return timed(await python(), args);
    };
    const measured = await interleave(rounds, { ours, baseline });
    return {
      figures: [{ what: 'video, process start to MP4', unit: 's', ...measured, goal: 0.5 }],
      notes: ['Kinora also writes the lossless file, the thumbnail and the sprite sheet that its workers make.'],
    };
  },
};

/** Runs a program to its end. */
async function timed(program: string, args: string[]): Promise<Run> {
  const cpuBegin = await endedChildrenSeconds();
  const begin = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${args[0]} ended with ${code}`);
  return { seconds: (performance.now() - begin) / 1000, cpuSeconds: (await endedChildrenSeconds()) - cpuBegin };
}

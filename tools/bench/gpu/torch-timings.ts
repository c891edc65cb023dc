import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../../../gpu-worker/families/mochi/config/config.ts';
import { latentShape } from '../../../gpu-worker/families/mochi/params.ts';
import { PYTHON_FOLDER } from '../measure/python-environment.ts';
import type { Workload } from './workload.ts';

export interface TorchTimings {
  forwardS: number;
  decodeS: number;
  peakMiB: number;
}

const run = promisify(execFile);

/** What diffusers takes for the same clips; null where that Python has no torch with CUDA, or no diffusers. */
export async function torchTimings(
  python: string,
  dir: string,
  { clips, tokens, runs }: Workload,
): Promise<TorchTimings[] | null> {
  const code = 'import diffusers, torch; assert torch.cuda.is_available()';
  const usable = await run(python, ['-c', code]).then(
    () => true,
    () => false,
  );
  if (!usable) return null;
  const config = await readConfig(dir);
  const shapes = clips.map((clip) => latentShape(config, clip)).map(({ T, h, w }) => [T, h, w]);
  const args = [join(PYTHON_FOLDER, 'gpu_timings.py'), dir, JSON.stringify(shapes), String(tokens), String(runs)];
  const { stdout } = await run(python, args);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TorchTimings);
}

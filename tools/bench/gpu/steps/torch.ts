import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../../../../gpu-worker/families/mochi/config/config.ts';
import { latentShape } from '../../../../gpu-worker/families/mochi/params.ts';
import { PYTHON_FOLDER } from '../../measure/python-environment.ts';
import { modelFolder } from '../measure/model.ts';
import type { StepContext } from '../measure/step.ts';
import { describeClip } from '../measure/workload.ts';

interface TorchTimings {
  forwardS: number;
  decodeS: number;
  peakMiB: number;
}

const run = promisify(execFile);

/** What diffusers takes for the same passes and decodes, where there is a Python that has it, and torch with CUDA. */
export async function torch(context: StepContext): Promise<void> {
  const { workload, python, runs, report } = context;
  const code = 'import diffusers, torch; assert torch.cuda.is_available()';
  const fault = await run(python, ['-c', code]).then(
    () => null,
    (error: Error) => error.message.trim().split('\n').at(-1)!,
  );
  if (fault !== null) {
    await report({ what: 'diffusers and torch with CUDA', value: `not there (${fault})` });
    return;
  }
  const dir = await modelFolder(context, ['transformer', 'vae']);
  const config = await readConfig(dir);
  for (const clip of [workload.short, workload.long]) {
    const { T, h, w } = latentShape(config, clip);
    const args = [dir, JSON.stringify([[T, h, w]]), String(workload.tokens), String(runs)];
    const { stdout } = await run(python, [join(PYTHON_FOLDER, 'gpu_timings.py'), ...args]);
    const { forwardS, decodeS, peakMiB } = JSON.parse(stdout) as TorchTimings;
    await report({ what: `a pass, ${describeClip(clip)}`, value: forwardS, unit: 's' });
    await report({ what: `a decode, ${describeClip(clip)}`, value: decodeS, unit: 's' });
    await report({ what: `most memory of torch, ${describeClip(clip)}`, value: peakMiB / 1024, unit: 'GiB' });
  }
}

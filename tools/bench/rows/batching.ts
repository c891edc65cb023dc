import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { arithmeticOfMochi, H100_RIDGE } from '../measure/arithmetic-of-mochi.ts';
import { type Benchmark, THREADS } from '../measure/benchmark.ts';
import { compareRounds } from '../measure/interleave.ts';
import type { BatchTimes } from '../programs/batched-blocks.ts';
import { randomModel, TINY } from '../measure/random-model.ts';
import type { Figure } from '../measure/result.ts';

const PROGRAM = fileURLToPath(new URL('../programs/batched-blocks.js', import.meta.url));
/** 10 frames of 10 x 10 patches, as for the transformer's own row; and mochi-tiny's usual 25 frames of 128 x 128. */
const TOKENS = { medium: 1000, tiny: 320 };
/** What batching has to save to be worth its waiting. */
const WORTH = 0.1;
const CLIPS = [85, 163].map((numFrames) => ({ width: 848, height: 480, numFrames }));

/** Two jobs in one pass of the transformer. */
export const batching: Benchmark = {
  id: 'batch',
  title: 'Two jobs of one shape in one pass of the transformer, against one after the other (the column “baseline”)',
  run: async ({ python, rounds, folder }) => {
    const medium = await randomModel(await python(), 'medium');
    const measured = [
      await measure('two jobs in one pass, 6 layers of 512', medium, TOKENS.medium, rounds),
      await measure('two jobs in one pass, mochi-tiny', TINY, TOKENS.tiny, rounds),
    ];
    return {
      figures: measured.map(({ figure }) => figure),
      notes: [...measured.map(({ note }) => note), ...(await onPaper(join(folder, 'mochi-1')))],
    };
  },
};

async function measure(what: string, model: string, tokens: number, rounds: number) {
  const args = [PROGRAM, model, ...[tokens, THREADS, rounds].map(String)];
  const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const { rounds: times, difference } = JSON.parse(stdout) as BatchTimes;
  const compared = compareRounds(times.map(({ together, apart }) => ({ ours: together, baseline: apart })));
  const figure: Figure = { what, unit: 's', ...compared };
  // What the rest of the machine does hardly touches CPU time.
  const saved = 1 - compared.cpuRatio.median;
  const change = `${(100 * Math.abs(saved)).toFixed(1)} % ${saved < 0 ? 'more' : 'less'} CPU time`;
  const verdict = saved > WORTH ? 'it would pay' : `it would pay from ${100 * WORTH} % less on: not adopted`;
  const note = `${what}: the same result to ${difference.toExponential(0)}, with ${change}; ${verdict}.`;
  return { figure, note };
}

async function onPaper(folder: string): Promise<string[]> {
  const passes = await arithmeticOfMochi(folder, CLIPS);
  return passes.map(({ operations, weightBytes, intensity, arithmeticS, weightsS }, i) => {
    const share = ((100 * weightsS) / arithmeticS).toFixed(1);
    return (
      `On paper, Mochi 1 in bfloat16 on an H100, ${CLIPS[i]!.numFrames} frames of 848 x 480: a pass is ${(operations / 1e12).toFixed(0)} TFLOP ` +
      `over ${(weightBytes / 1e9).toFixed(1)} GB of weights, ${intensity.toFixed(0)} operations a byte where ${H100_RIDGE.toFixed(0)} are enough to keep it ` +
      `busy. One job is bound by arithmetic; a second in the same pass would save reading the weights once more, ${share} % of a pass.`
    );
  });
}

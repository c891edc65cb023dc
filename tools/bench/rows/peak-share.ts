import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../../../gpu-worker/families/mochi/config/config.ts';
import { sizes } from '../../../gpu-worker/families/mochi/graphs/transformer.ts';
import { type Benchmark, THREADS } from '../measure/benchmark.ts';
import { gemmPeak } from './gemm-peak.ts';
import type { TransformerProfile } from '../programs/profile-transformer.ts';
import { randomModel } from '../measure/random-model.ts';
import { spreadOf } from '../../harness/measure/spread.ts';

const PROGRAM = fileURLToPath(new URL('../programs/profile-transformer.js', import.meta.url));
const SHAPE = { T: 10, h: 20, w: 20 };
const VISUAL_TOKENS = 1000;
const TEXT_TOKENS = 64;
const RUNS = 2;
/** Operators below this share of the time are told together. */
const SMALL_SHARE = 0.01;

/** How far the transformer is from what the machine can do at most. */
export const peakShare: Benchmark = {
  id: 'peak',
  title: 'Share of plain matrix products’ speed that the transformer reaches',
  run: async ({ python, rounds, folder }) => {
    const dir = await randomModel(await python(), 'medium');
    const { D, F } = sizes((await readConfig(dir)).transformer);
    const shares: number[] = [];
    let last: TransformerProfile | undefined;
    for (let round = 0; round < rounds; round++) {
      const peak = await gemmPeak('cpu', 'float32', { rows: VISUAL_TOKENS, width: D, inner: 2 * F }, THREADS);
      last = await profile(dir, await mkdtemp(join(folder, 'profile-')));
      shares.push((100 * last.operations) / spreadOf(last.seconds).median / peak);
    }
    return {
      figures: [{ what: 'transformer’s share of plain GEMM', unit: '%', ours: spreadOf(shares) }],
      notes: [`Where a pass spends its time: ${describe(last!.operators)}.`],
    };
  },
};

async function profile(dir: string, folder: string): Promise<TransformerProfile> {
  const { T, h, w } = SHAPE;
  const args = [PROGRAM, dir, ...[T, h, w, TEXT_TOKENS, THREADS, RUNS].map(String), folder];
  const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout) as TransformerProfile;
}

function describe(operators: TransformerProfile['operators']): string {
  const large = operators.filter(([, share]) => share >= SMALL_SHARE);
  const rest = 1 - large.reduce((sum, [, share]) => sum + share, 0);
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  return [...large.map(([name, share]) => `${name} ${percent(share)}`), `everything else ${percent(rest)}`].join(', ');
}

/** `npm run soak`: many tiny videos one after the other; nothing that a process holds may grow. */
import { parseArgs } from 'node:util';
import { runProcess } from '../../platform/process/run-process.ts';
import { withUsage } from '../../platform/config/user-error.ts';
import { inFolder } from '../harness/in-folder.ts';
import { soak, type Soaked } from './soak.ts';

const USAGE = `Usage: npm run soak -- [--jobs 1000] [--in-flight 6] [--keep]

Starts the whole service with two processes of each kind, makes tiny videos, and measures what every process holds
at rest, with its garbage collected: after 40 % of the videos, which warm it up, and every further 10 %. Fails where
anything grows by 5 % or more from then to the end, or is left over.

  --jobs N       videos
  --in-flight N  at once
  --keep         keeps the folder with logs, stores and Temporal's database`;

async function main(): Promise<number> {
  const { keep, ...numbers } = argumentsOf(process.argv.slice(2));
  return await inFolder('kinora-soak-', keep, async (folder, say, stop) => {
    const soaked = await soak({ ...numbers, folder, say, stop });
    say(formatSoak(soaked));
    const { growths, verdict } = soaked;
    return growths.every(({ holds }) => holds) && Object.values(verdict).every((found: string[]) => found.length === 0);
  });
}

function formatSoak({ jobs, seconds, growths, verdict }: Soaked): string {
  const width = Math.max(...growths.map(({ name }) => name.length));
  const rows = growths.map(({ name, before, after, percent, holds }) =>
    [name.padEnd(width), ...[before, after].map((n) => n.toFixed(1).padStart(9)), `${percent.toFixed(1)} %`.padStart(9)]
      .concat(holds ? [] : ['grows'])
      .join('  '),
  );
  const faults = Object.entries(verdict).flatMap(([name, all]: [string, string[]]) => all.map((l) => `${name}: ${l}`));
  return [
    '',
    `${jobs} videos in ${Math.round(seconds)} s`,
    `${''.padEnd(width)}  ${'warmed up'.padStart(9)}  ${'at the end'.padStart(9)}  ${'growth'.padStart(8)}`,
    ...rows,
    ...Object.entries(verdict).map(
      ([name, all]: [string, string[]]) => `${name.padEnd(width)}  ${String(all.length).padStart(9)}`,
    ),
    ...faults,
  ].join('\n');
}

function argumentsOf(args: string[]): { jobs: number; inFlight: number; keep: boolean } {
  return withUsage(USAGE, () => {
    const number = (fallback: string) => ({ type: 'string', default: fallback }) as const;
    const options = {
      jobs: number('1000'),
      'in-flight': number('6'),
      keep: { type: 'boolean', default: false },
    } as const;
    const { jobs, 'in-flight': inFlight, keep } = parseArgs({ args, options }).values;
    if (!(Number(jobs) >= 20 && Number(inFlight) >= 1))
      throw new Error('--jobs takes 20 or more, --in-flight 1 or more');
    return { jobs: Number(jobs), inFlight: Number(inFlight), keep };
  });
}

await runProcess(main);

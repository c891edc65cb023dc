/** `npm run chaos`: the whole service under load while its parts are killed, frozen, cut off and lied to. */
import { parseArgs } from 'node:util';
import { runProcess } from '../../platform/process/run-process.ts';
import { withUsage } from '../../platform/config/user-error.ts';
import { chaos } from './chaos.ts';
import { inFolder } from '../harness/in-folder.ts';
import { formatReport } from './report.ts';

const USAGE = `Usage: npm run chaos -- [--minutes 20] [--seed 7] [--jobs 20] [--gap 6] [--only REGEXP] [--keep]

Starts the whole service with two processes of each kind, keeps jobs in flight, lets something go wrong every few
seconds, as the seed has it, and judges every job afterwards. Fails where anything is lost, doubled, wrong or leaked.

  --minutes N   for which things go wrong; what is unfinished then is waited for
  --seed N      of what goes wrong, and of what is asked for
  --jobs N      in flight
  --gap N       seconds from one fault to the next, on average
  --only REGEXP only kinds of faults whose names match, e.g. "freeze|kill gpu"
  --keep        keeps the folder with logs, stores and Temporal's database`;

async function main(): Promise<number> {
  const { keep, only, ...numbers } = argumentsOf(process.argv.slice(2));
  return await inFolder('kinora-chaos-', keep, async (folder, say, stop) => {
    const outcome = await chaos({ ...numbers, only, folder, say, stop });
    say(formatReport(outcome));
    return Object.values(outcome.verdict).every((found: string[]) => found.length === 0);
  });
}

function argumentsOf(args: string[]) {
  return withUsage(USAGE, () => {
    const number = (fallback: string) => ({ type: 'string', default: fallback }) as const;
    const options = { minutes: number('20'), seed: number('7'), jobs: number('20'), gap: number('6') };
    const others = { only: { type: 'string', default: '' }, keep: { type: 'boolean', default: false } } as const;
    const { keep, only, ...texts } = parseArgs({ args, options: { ...options, ...others } }).values;
    const entries = Object.entries(texts).map(([name, text]) => {
      if (!(Number(text) > 0)) throw new Error(`--${name} must be a number above 0, not ${text}`);
      return [name, Number(text)];
    });
    return { ...(Object.fromEntries(entries) as Record<keyof typeof options, number>), only: new RegExp(only), keep };
  });
}

await runProcess(main);

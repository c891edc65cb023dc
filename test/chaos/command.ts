/** `npm run chaos`: the whole service under load while its parts are killed, frozen, cut off and lied to. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopSignal } from '../../temporal/local/stop-signal.ts';
import { runProcess } from '../../temporal/process.ts';
import { UserError } from '../../temporal/user-error.ts';
import { chaos } from './chaos.ts';
import { formatReport } from './report.ts';

const USAGE = `Usage: npm run chaos -- [--minutes 20] [--seed 7] [--jobs 20] [--gap 6] [--keep]

Starts the whole service with two processes of each kind, keeps jobs in flight, lets something go wrong every few
seconds, as the seed has it, and judges every job afterwards. Fails where anything is lost, doubled, wrong or leaked.

  --minutes N   for which things go wrong; what is unfinished then is waited for
  --seed N      of what goes wrong, and of what is asked for
  --jobs N      in flight
  --gap N       seconds from one fault to the next, on average
  --keep        keeps the folder with logs, stores and Temporal's database`;

async function main(): Promise<number> {
  const { keep, ...numbers } = argumentsOf(process.argv.slice(2));
  const stop = stopSignal();
  const folder = await mkdtemp(join(tmpdir(), 'kinora-chaos-'));
  const say = (line: string) => process.stdout.write(`${line}\n`);
  let kept = keep;
  try {
    const outcome = await chaos({ ...numbers, folder, say, stop: stop.signal });
    await writeFile(join(folder, 'outcome.json'), JSON.stringify(outcome, null, 2));
    say(formatReport(outcome));
    const held = Object.values(outcome.verdict).every((found: string[]) => found.length === 0);
    kept ||= !held;
    say(held ? 'Nothing was lost, doubled, wrong or leaked.' : 'It does not hold.');
    return held ? 0 : 1;
  } catch (error) {
    kept = true;
    throw error;
  } finally {
    if (kept) say(`Logs and stores: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

function argumentsOf(args: string[]) {
  try {
    const number = (fallback: string) => ({ type: 'string', default: fallback }) as const;
    const options = { minutes: number('20'), seed: number('7'), jobs: number('20'), gap: number('6') };
    const { values } = parseArgs({ args, options: { ...options, keep: { type: 'boolean', default: false } } });
    const { keep, ...texts } = values;
    const entries = Object.entries(texts).map(([name, text]) => {
      if (!(Number(text) > 0)) throw new Error(`--${name} must be a number above 0, not ${text}`);
      return [name, Number(text)];
    });
    return { ...(Object.fromEntries(entries) as Record<keyof typeof options, number>), keep };
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

await runProcess(main);

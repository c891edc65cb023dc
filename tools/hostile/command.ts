/** `npm run check:hostile`: one account, and strangers, attack the whole service while another account uses it. */
import { parseArgs } from 'node:util';
import { runProcess } from '../../platform/process/run-process.ts';
import { withUsage } from '../../platform/config/user-error.ts';
import { inFolder } from '../harness/in-folder.ts';
import { hostile } from './hostile.ts';
import { broken, formatTable } from './report.ts';

const USAGE = `Usage: npm run check:hostile -- [--scale 1] [--seed 7] [--only REGEXP] [--keep]

Starts the whole service with two accounts. One of them, and clients without a key, send what they should not, one kind
after the other; every folder is full for a while; the other account makes videos and polls them all the time. Fails
where a process ends, or where the other account gets an error that is not 503 with retry-after, waits for long, or is
overtaken; or where memory is not given back.

  --scale N     size of each attack; 0.1 takes about a minute
  --seed N      of what is random
  --only REGEXP only attacks whose names match, e.g. "bodies|full disk"
  --keep        keeps the folder with logs and stores`;

async function main(): Promise<number> {
  const { scale, seed, only, keep } = argumentsOf(process.argv.slice(2));
  return await inFolder('kinora-hostile-', keep, async (folder, say, stop) => {
    const outcome = await hostile({ scale, seed, only, folder, say, stop });
    const found = broken(outcome);
    say(['', formatTable(outcome), '', ...found].join('\n'));
    return found.length === 0 && outcome.rows.length > 0 && !stop.aborted;
  });
}

function argumentsOf(args: string[]) {
  return withUsage(USAGE, () => {
    const { values } = parseArgs({
      args,
      options: {
        scale: { type: 'string', default: '1' },
        seed: { type: 'string', default: '7' },
        only: { type: 'string', default: '' },
        keep: { type: 'boolean', default: false },
      },
    });
    const [scale, seed] = [Number(values.scale), Number(values.seed)];
    if (!(scale > 0) || !Number.isInteger(seed)) throw new Error('--scale must be above 0, --seed a whole number');
    return { scale, seed, only: new RegExp(values.only), keep: values.keep };
  });
}

await runProcess(main);

/** `npm run rollout`: a new version of both workers, rolled out while videos are made. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess } from '../../platform/process/run-process.ts';
import { CHECKPOINT_STEPS } from './harness.ts';
import { rollout } from './rollout.ts';

const JOBS = 20;
const LONG = 6;
const WORKERS = 2;
const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Both ways of rolling out; fails where a job was lost or made otherwise, or too many steps were done twice. */
async function main(): Promise<number> {
  let held = true;
  for (const versioned of [false, true]) {
    say(
      `\n== ${versioned ? 'with' : 'without'} Worker Versioning: ${JOBS} jobs in flight, ${WORKERS} workers of each kind`,
    );
    const folder = await mkdtemp(join(tmpdir(), 'kinora-rollout-'));
    try {
      const figures = await rollout({ folder, jobs: JOBS, long: LONG, workers: WORKERS, versioned, say });
      for (const [name, value] of Object.entries(figures)) say(`${name.padEnd(20)} ${JSON.stringify(value)}`);
      const { faults, redone, redoneOfHandedOver, handedOver } = figures;
      held &&= faults.length === 0 && redone <= CHECKPOINT_STEPS && redoneOfHandedOver === 0 && handedOver > 0;
    } catch (error) {
      // The other way is tried all the same.
      say(`failed: ${(error as Error).stack}`);
      held = false;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  say(held ? '\nNothing was lost, nothing was made otherwise.' : '\nIt does not hold.');
  return held ? 0 : 1;
}

await runProcess(main);

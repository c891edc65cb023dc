import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** For how long it is measured. */
const WINDOW_MS = 3_000;

/** How many cores are at work, on average over three seconds, while nothing is measured: that is other programs' work. */
export async function busyCores(): Promise<number> {
  const before = cpuTimes();
  await sleep(WINDOW_MS);
  const after = cpuTimes();
  return (cpus().length * (after.busy - before.busy)) / (after.all - before.all);
}

function cpuTimes(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const { idle, ...others } = times;
    const used = Object.values(others).reduce((sum, ms) => sum + ms, 0);
    busy += used;
    all += used + idle;
  }
  return { busy, all };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { holdings } from './process-tree.ts';

/** What a service holds at one moment: numbers by name, e.g. `gpu-worker-1 inference, MiB`. */
export type Sample = Map<string, number>;

/** Resident memory and open handles of processes, by their names; of those that are gone nothing. */
export async function heldBy(processes: readonly { name: string; pid: number }[]): Promise<Sample> {
  const found: Sample = new Map();
  for (const { name, pid } of processes) {
    const held = await holdings(pid);
    if (held === null) continue;
    found.set(`${name}, MiB`, held.rssMb);
    found.set(`${name}, handles`, held.handles);
  }
  return found;
}

/** What a process may hold more than at its start: caches, and connections that are kept open. */
const ALLOWED = { mib: (before: number) => 1.5 * before + 64, handles: (before: number) => before + 16 };

/** The longest that a connection is kept for the request that may come. */
const IDLE_MS = 75_000;

/** What is held far above what was held at first, once what is idle has been let go. */
export async function grownForGood(before: Sample, take: () => Promise<Sample>): Promise<string[]> {
  for (const end = Date.now() + IDLE_MS; ; await sleep(5_000)) {
    const found = grown(before, await take());
    if (found.length === 0 || Date.now() > end) return found;
  }
}

/** Many of the processes are new ones meanwhile. Temporal's server keeps caches of its own, whose size is not ours. */
function grown(before: Sample, after: Sample): string[] {
  return [...after].flatMap(([name, now]) => {
    const then = before.get(name);
    if (then === undefined || name.startsWith('temporal')) return [];
    const most = (name.endsWith('handles') ? ALLOWED.handles : ALLOWED.mib)(then);
    return now <= most ? [] : [`${name}: ${Math.round(now)}, from ${Math.round(then)}`];
  });
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../temporal/local/service.ts';
import { holdings } from '../support/process-tree.ts';

/** Processes of the service that are up, by name. */
export const processIds = (service: Service): Map<string, number> =>
  new Map(Object.entries(service.pids()).flatMap(([name, pid]) => (pid === undefined ? [] : [[name, pid] as const])));

/** Resident memory and open handles of each process, by name. */
export async function heldMb(service: Service): Promise<Map<string, number>> {
  const held = new Map<string, number>();
  for (const [name, pid] of processIds(service)) {
    const found = await holdings(pid);
    if (found === null) continue;
    held.set(`${name}, MiB`, found.rssMb);
    held.set(`${name}, handles`, found.handles);
  }
  return held;
}

/** Idle connections are closed, and caches emptied, within that. */
const LEVEL_WITHIN_MS = 180_000;
const ALLOWED = { mib: (before: number) => 1.5 * before + 64, handles: (before: number) => before + 16 };

/** What is still held far above what was held before. Temporal's server keeps caches of its own, whose size is not ours. */
export async function grownSince(before: Map<string, number>, service: Service): Promise<string[]> {
  for (const end = Date.now() + LEVEL_WITHIN_MS; ; await sleep(5_000)) {
    const now = await heldMb(service);
    const grown = [...now].flatMap(([name, value]) => {
      const then = before.get(name);
      if (then === undefined || name.startsWith('temporal')) return [];
      const most = (name.endsWith('handles') ? ALLOWED.handles : ALLOWED.mib)(then);
      return value <= most ? [] : [`${name}: ${Math.round(value)}, from ${Math.round(then)}`];
    });
    if (grown.length === 0 || Date.now() > end) return grown;
  }
}

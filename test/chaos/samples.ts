import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf, commandOf, holdings } from '../support/process-tree.ts';
import { send } from './part.ts';
import { isServer, type Stack } from './stack.ts';

/** What the service holds at one moment: numbers by name, e.g. `gpu-worker-1 inference, MiB`. */
export type Sample = Map<string, number>;

/**
 * `NODE_OPTIONS` of a process that can be told to {@link collectGarbage}. Its young generation, which V8 would size by the load
 * at up to 48 MiB a thread, stays small.
 */
export const COLLECTABLE = `--max-semi-space-size=2 --expose-gc --import=${new URL('collect-garbage.js', import.meta.url).href}`;
const COLLECTED_MS = 1_000;

/** Has all processes that were started {@link COLLECTABLE} let go of what nobody needs. */
export async function collectGarbage(stack: Stack): Promise<void> {
  // Twice: what is outside the heap is let go only once its holder has been collected.
  for (let time = 0; time < 2; time++) {
    for (const { name, pid } of await processes(stack)) if (!isServer(name)) send(pid, 'SIGUSR2');
    await sleep(COLLECTED_MS);
  }
}

/** Looks at every process, and at Temporal's database. */
export async function sample(stack: Stack): Promise<Sample> {
  const found: Sample = new Map();
  for (const { name, pid } of await processes(stack)) {
    const held = await holdings(pid);
    if (held === null) continue;
    found.set(`${name}, MiB`, held.rssMb);
    found.set(`${name}, handles`, held.handles);
  }
  found.set('temporal database, MiB', await databaseMb(stack));
  return found;
}

/** Those that are up, the inference processes among them. */
async function processes(stack: Stack): Promise<{ name: string; pid: number }[]> {
  const found: { name: string; pid: number }[] = [];
  for (const { name, pid } of stack.parts.values()) {
    if (pid === undefined) continue;
    found.push({ name, pid });
    for (const child of await childrenOf(pid)) {
      // The others only ask for the state of the GPUs.
      if ((await commandOf(child)).includes('/inference/')) found.push({ name: `${name} inference`, pid: child });
    }
  }
  return found;
}

async function databaseMb({ folder }: Stack): Promise<number> {
  const files = ['temporal.db', 'temporal.db-wal'].map((name) => join(folder, name));
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
}

/** What a process may hold more than at its start: caches, and connections that are kept open. */
const ALLOWED = { mib: (before: number) => 1.5 * before + 64, handles: (before: number) => before + 16 };

/** The longest that a connection is kept for the request that may come. */
const IDLE_MS = 75_000;

/** What is held far above what was held at first, once what is idle has been let go. */
export async function grownForGood(before: Sample, stack: Stack): Promise<string[]> {
  for (const end = Date.now() + IDLE_MS; ; await sleep(5_000)) {
    const found = grown(before, await sample(stack));
    if (found.length === 0 || Date.now() > end) return found;
  }
}

/** Many of the processes are new ones meanwhile. */
function grown(before: Sample, after: Sample): string[] {
  return [...after].flatMap(([name, now]) => {
    const then = before.get(name);
    if (then === undefined || name.startsWith('temporal')) return [];
    const most = (name.endsWith('handles') ? ALLOWED.handles : ALLOWED.mib)(then);
    return now <= most ? [] : [`${name}: ${Math.round(now)}, from ${Math.round(then)}`];
  });
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { heldBy, type Sample } from '../harness/measure/held.ts';
import { childrenOf, commandOf } from '../harness/measure/process-tree.ts';
import { send } from './part.ts';
import { isServer, type Stack } from './stack.ts';

/**
 * `NODE_OPTIONS` of a process that can be told to {@link collectGarbage}. Its young generation, which V8 would size by the load
 * at up to 48 MiB a thread, stays small.
 */
export const COLLECTABLE = `--max-semi-space-size=2 --expose-gc --import=${new URL('collect-garbage.js', import.meta.url).href}`;
const COLLECTED_MS = 1_000;

/** Has all processes that were started {@link COLLECTABLE} let go of what is no longer needed. */
export async function collectGarbage(stack: Stack): Promise<void> {
  // Twice: what is outside the heap is let go only once its holder has been collected.
  for (let time = 0; time < 2; time++) {
    for (const { name, pid } of await processes(stack)) if (!isServer(name)) send(pid, 'SIGUSR2');
    await sleep(COLLECTED_MS);
  }
}

/** Measures every process, and Temporal's database. */
export async function sample(stack: Stack): Promise<Sample> {
  const found = await heldBy(await processes(stack));
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

async function databaseMb({ folder, postgres }: Stack): Promise<number> {
  if (postgres) {
    const sizes = `select sum(pg_database_size(datname)) from pg_database where datallowconn`;
    return Number(await postgres.ask('postgres', sizes)) / 2 ** 20;
  }
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

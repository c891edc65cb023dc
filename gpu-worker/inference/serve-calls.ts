import { Worker } from 'node:worker_threads';
import { ModelFolderError } from '../weights/errors.ts';
import type { Call, InferenceCalls, Reply } from './protocol.ts';

/** How CUDA, its libraries and the C++ runtime say that memory has run out. */
const OUT_OF_MEMORY = /out of memory|failed to allocate memory|bad_alloc|bad allocation|ALLOC_FAILED/i;

/**
 * Makes this process the inference process of one device, which answers its parent's calls one at a time. Called by a
 * family's entry, which `DeviceProcess` starts with its own process id as argument. The parent may kill it at any moment;
 * it ends by itself when the parent is gone.
 */
export function serveCalls(model: InferenceCalls): void {
  let queue = Promise.resolve();
  process.on('message', (call: Call) => {
    queue = queue.then(() => answer(model, call));
  });
  process.on('disconnect', () => process.exit(0));
  new Worker(new URL('parent-watch.js', import.meta.url), { workerData: Number(process.argv[2]) })
    // Without the watch the channel's end is heard all the same, only later.
    .on('error', () => {})
    .unref();
  // The parent decides when to stop; a Ctrl-C in the terminal reaches the whole process group.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
}

async function answer(model: InferenceCalls, { id, method, args }: Call): Promise<void> {
  let reply: Reply;
  try {
    const run = model[method] as (...values: unknown[]) => Promise<unknown>;
    reply = { id, result: await run.apply(model, args) };
  } catch (error) {
    const { message } = error as Error;
    const outOfMemory = OUT_OF_MEMORY.test(message);
    const name = error instanceof ModelFolderError ? error.name : 'Error';
    reply = { id, error: { message, outOfMemory, name } };
  }
  // Where the parent is gone, the channel's end is heard too.
  process.send?.(reply, undefined, undefined, () => {});
}

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

/**
 * Loaded into a worker by `--import`: logs every pause of its event loop, and how much of it the thread was ready to run
 * but the machine had no core for it. On a machine that does other things too, only the rest is the worker's own.
 */
export const EVENT_LOOP_PROBE = fileURLToPath(import.meta.url);

const INTERVAL_MS = 10;
const LOGGED_MS = 30;

/** Milliseconds that this thread has waited for a core; 0 where the kernel does not tell. */
function starvedMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** The probe's options are inherited by the inference processes, which may pause as long as they like. */
if (process.argv[1]?.endsWith('worker.js')) {
  let before = performance.now();
  let starvedBefore = starvedMs();
  setInterval(() => {
    const ms = performance.now() - before - INTERVAL_MS;
    const starved = starvedMs();
    if (ms > LOGGED_MS) {
      const line = { msg: 'Event loop pause', ms: Math.round(ms), starvedMs: Math.round(starved - starvedBefore) };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
    before = performance.now();
    starvedBefore = starved;
  }, INTERVAL_MS).unref();
}

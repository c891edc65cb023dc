import { workerData } from 'node:worker_threads';

/**
 * A thread of the inference process that ends it when its parent is gone. The main thread would notice only after its
 * current run: minutes of a device that the next worker needs.
 */
const CHECK_INTERVAL_MS = 1_000;

setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, CHECK_INTERVAL_MS);

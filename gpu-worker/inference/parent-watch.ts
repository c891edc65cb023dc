import { workerData } from 'node:worker_threads';

/**
 * A thread of the inference process that ends it when its parent is gone. The main thread would hear of that only after
 * the run it is in, which can be minutes of a device that somebody else already wants.
 */
const CHECK_INTERVAL_MS = 1_000;

setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, CHECK_INTERVAL_MS);

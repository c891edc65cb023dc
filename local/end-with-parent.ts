import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into each process of `npm start` before its own code: ends it in good order when the process that started it is
 * gone, even by SIGKILL, which closes the channel between them.
 */
const end = () => process.kill(process.pid, 'SIGTERM');

process.once('disconnect', end);
// It was gone before this listened. Threads, into which this is loaded too, never have a channel.
if (isMainThread && !process.connected) end();
process.channel?.unref();

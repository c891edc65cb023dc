/**
 * Loaded into each process of `npm start` before its own code: ends it in good order when the process that started it is
 * gone, even by SIGKILL, which closes the channel between them.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();

import sonicBoom from 'sonic-boom';

/** What is kept while nothing can be written, e.g. into a file on a full disk; what comes then is lost. */
const WAITING_BYTES = 1_000_000;
/** Between two tries then, in ms. */
const RETRY_MS = 1_000;

export interface Output {
  write(text: string): void;
}

/**
 * Standard output, without waiting for its reader; what is left is written when the process ends. A reader that is gone
 * and a full disk end nothing: what is kept is written when that is possible again.
 *
 * @param lostLines the line that says how many were lost
 */
export function standardOutput(lostLines: (count: number) => string): Output {
  // Not pino's own, which is of version 4: that one tries for ever to write to a reader that is gone.
  const output = new sonicBoom.SonicBoom({ fd: process.stdout.fd, maxLength: WAITING_BYTES });
  let lost = 0;
  output.on('drop', () => lost++);
  let retry: NodeJS.Timeout | undefined;
  // A full buffer is not written by what comes next.
  output.on('error', () => {
    retry ??= setTimeout(() => {
      retry = undefined;
      try {
        output.flushSync();
        if (lost > 0) output.write(`${lostLines(lost)}\n`);
        lost = 0;
      } catch (error) {
        output.emit('error', error);
      }
    }, RETRY_MS).unref();
  });
  process.once('exit', () => {
    try {
      output.flushSync();
    } catch {
      // It has no reader.
    }
  });
  return output;
}

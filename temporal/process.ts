import { ConfigError } from './config.ts';
import type { Logger } from './logger.ts';

/** Exit code of a process that was started with settings it cannot use (`EX_CONFIG` of sysexits.h). */
const EXIT_CONFIG = 78;

/**
 * A process's entry: runs `main` and exits with the code that it returns. Settings that cannot be used end it with
 * their message alone, everything else that is thrown with a log line.
 */
export async function runProcess(main: () => Promise<number>, log?: () => Logger | undefined): Promise<never> {
  try {
    process.exit(await main());
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(EXIT_CONFIG);
    }
    const logger = log?.();
    if (logger) logger.fatal({ err: error }, 'Ended by an error');
    else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  }
}

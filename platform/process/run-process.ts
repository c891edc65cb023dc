import { ConfigError } from '../config/config.ts';
import { ensureHome } from './home.ts';
import type { Logger } from '../log/logger.ts';
import { UserError } from '../config/user-error.ts';

/** Exit code of a process that was started with settings it cannot use (`EX_CONFIG` of sysexits.h). */
export const EXIT_CONFIG = 78;

/**
 * A process's entry: runs `main` and exits with the code that it returns. A {@link UserError} ends it with its message
 * alone, everything else that is thrown with a log line.
 */
export async function runProcess(main: () => Promise<number>, log?: () => Logger | undefined): Promise<never> {
  // A reader of its output that is gone must not end it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  ensureHome();
  try {
    process.exit(await main());
  } catch (error) {
    if (error instanceof UserError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
    }
    const logger = log?.();
    if (logger) logger.fatal({ err: error }, 'Ended by an error');
    else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  }
}

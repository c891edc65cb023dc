import { ConfigError } from '../platform/config/config.ts';
import { untilAvailable } from '../platform/flow/until-available.ts';
import type { Logger } from '../platform/log/logger.ts';
import { type ObjectStore, StoreUnavailableError } from './object-store.ts';

const WARN_EVERY_MS = 30_000;

/**
 * Waits until a store can be used, as a process does at its start: one that is restarted beside it must not end it.
 *
 * @param setting that names it, e.g. `SCRATCH_URL`
 * @throws ConfigError for what only other settings can change: a missing bucket, no rights, a read-only folder
 */
export async function untilUsable(setting: string, store: ObjectStore, log: Logger): Promise<void> {
  try {
    await untilAvailable(() => store.check(), {
      isPassing: (error) => error instanceof StoreUnavailableError,
      warn: (err) => log.error({ err }, 'Waiting for the store; see S3_ENDPOINT if it lives elsewhere'),
      warnEveryMs: WARN_EVERY_MS,
    });
  } catch (error) {
    const { message } = error as Error;
    log.fatal({ setting, err: { message } }, 'A store cannot be used');
    throw new ConfigError(
      `${setting} cannot be used: ${message}. Set ${setting} to a store that this process may write.`,
    );
  }
}

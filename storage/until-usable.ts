import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../platform/config/config.ts';
import type { Logger } from '../platform/log/logger.ts';
import { type ObjectStore, StoreUnavailableError } from './object-store.ts';

/** Waits between tries: a server that comes up beside us is found at once, one that is down is not hammered. */
const WAIT_MS = { first: 200, longest: 5_000 };
const COMPLAIN_MS = { after: 3_000, every: 30_000 };

/**
 * Waits until a store can be used, as a process does at its start: one that is restarted beside it must not end it.
 *
 * @param setting that names it, e.g. `SCRATCH_URL`
 * @throws ConfigError for what only other settings can change: a missing bucket, no rights, a read-only folder
 */
export async function untilUsable(setting: string, store: ObjectStore, log: Logger): Promise<void> {
  let complainAt = Date.now() + COMPLAIN_MS.after;
  for (let wait = WAIT_MS.first; ; wait = Math.min(wait * 2, WAIT_MS.longest)) {
    try {
      await store.check();
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) {
        const { message } = error as Error;
        log.fatal({ setting, err: { message } }, 'A store cannot be used');
        throw new ConfigError(
          `${setting} cannot be used: ${message}. Set ${setting} to a store that this process may write.`,
        );
      }
      if (Date.now() > complainAt) {
        complainAt = Date.now() + COMPLAIN_MS.every;
        log.error({ err: error }, 'Waiting for the store; see S3_ENDPOINT if it lives elsewhere');
      }
    }
    await sleep(wait);
  }
}

import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../platform/log/logger.ts';
import { type HttpServer, listen, type ListenOptions } from './listen.ts';

/** Between two tries, in ms: a client whose stream broke off comes back later than that. */
const TRY_EVERY_MS = 100;

/**
 * Serves `app` as soon as no other process listens on the port: at once, or when that one has ended.
 *
 * @returns null where the signal came first
 * @throws as `listen`, for any other reason than a port in use
 */
export async function listenWhenFree(
  app: RequestListener,
  { host, port, ...options }: { host: string; port: number } & ListenOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<HttpServer | null> {
  for (let tries = 1; !signal.aborted; tries++) {
    try {
      return await listen(app, host, port, options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      if (tries === 1) log.info({ host, port }, 'Standing by: another process has the port');
    }
    await sleep(TRY_EVERY_MS, undefined, { signal }).catch(() => {});
  }
  return null;
}

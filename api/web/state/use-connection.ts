import { useEffect, useSyncExternalStore } from 'react';
import { Backoff } from '../client/backoff.ts';
import { pause } from '../client/pause.ts';
import { session } from '../client/session.ts';
import { listVideos } from '../client/videos.ts';
import { useSession } from './use-session.ts';

/** Before the first new try, in ms. */
const RETRY_MS = 1_000;

function subscribe(listener: () => void) {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}

/**
 * Whether the server answers, and whether the browser has a network; without one, a server on this machine still answers.
 * While it does not, the page asks again and again, ever more seldom, so that what is said of it ends with it.
 */
export function useConnection(): { online: boolean; reachable: boolean } {
  const { reachable, needsKey } = useSession();
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  useEffect(() => {
    if ((online && reachable) || needsKey) return;
    const abort = new AbortController();
    const probe = async () => {
      const backoff = new Backoff(RETRY_MS);
      if (!reachable) await pause(backoff.next(), abort.signal);
      for (;;) {
        const failure: unknown = await listVideos({ limit: 1 }, abort.signal).then(
          () => null,
          (error: unknown) => error,
        );
        if (session.get().reachable) return;
        await pause(backoff.next(failure), abort.signal);
      }
    };
    probe().catch(() => {});
    return () => abort.abort();
  }, [online, reachable, needsKey]);
  return { online, reachable };
}

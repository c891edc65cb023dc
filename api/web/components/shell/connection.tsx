import { useEffect, useSyncExternalStore } from 'react';
import { Backoff } from '../../client/backoff.ts';
import { pause } from '../../client/pause.ts';
import { session } from '../../client/session.ts';
import { listVideos } from '../../client/videos.ts';
import { useSession } from '../../state/use-service.ts';
import './connection.css';

/** A banner while the page cannot be up to date. */
export function Connection() {
  const { online, reachable } = useConnection();
  return (
    <div role="alert" className="connection">
      {!reachable && <Banner online={online} />}
    </div>
  );
}

/** @param online the browser has a network, and the server does not respond */
export const Banner = ({ online }: { online: boolean }) => (
  <p>
    {online
      ? 'The server is not responding. Your videos are safe; this page keeps trying.'
      : 'You are offline. Your videos go on being made; this page catches up when you are back.'}
  </p>
);

/** Before the first retry, in ms. */
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
 * Whether the browser has a network, and whether the server responds: one on the same machine does so without a network.
 * During an outage the page polls, less and less often, so that the banner ends with the outage.
 */
function useConnection(): { online: boolean; reachable: boolean } {
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

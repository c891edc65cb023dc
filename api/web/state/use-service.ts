import { useEffect, useState, useSyncExternalStore } from 'react';
import { isTransient } from '../client/api-error.ts';
import { Backoff } from '../client/backoff.ts';
import { pause } from '../client/pause.ts';
import { getAccount, getModel } from '../client/service.ts';
import type { Account, Model } from '../client/types.ts';
import { session, type SessionState } from '../client/session.ts';

/** Before the first retry, in ms. */
const RETRY_MS = 1_000;

/** The server's model and the viewer's account; null until they are loaded. */
export function useService(): { model: Model | null; account: Account | null } {
  const { apiKey, needsKey } = useSession();
  const [model, setModel] = useState<Model | null>(null);
  const [account, setAccount] = useState<Account | null>(null);
  useEffect(() => {
    if (needsKey) return;
    const abort = new AbortController();
    const load = async () => {
      for (const backoff = new Backoff(RETRY_MS); ;) {
        try {
          setModel(await getModel(abort.signal));
          setAccount(await getAccount(abort.signal));
          return;
        } catch (error) {
          if (abort.signal.aborted || !isTransient(error)) return;
          await pause(backoff.next(error), abort.signal);
        }
      }
    };
    load().catch(() => {});
    return () => abort.abort();
  }, [apiKey, needsKey]);
  return { model, account };
}

/** API key and connection, as of the last request. */
export const useSession = (): SessionState => useSyncExternalStore(session.subscribe, session.get);

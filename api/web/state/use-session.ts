import { useSyncExternalStore } from 'react';
import { session, type SessionState } from '../client/session.ts';

/** API key and connection, as of the last request. */
export const useSession = (): SessionState => useSyncExternalStore(session.subscribe, session.get);

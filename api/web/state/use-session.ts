import { useSyncExternalStore } from 'react';
import { session, type SessionState } from '../client/session.ts';

/** Key and connection, as the last request found them. */
export const useSession = (): SessionState => useSyncExternalStore(session.subscribe, session.get);

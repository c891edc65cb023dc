import { storedKey, storeKey } from './api-key.ts';

export interface SessionState {
  /** Sent as bearer token; null on a server without keys. */
  apiKey: string | null;
  /** The server refused the key, or wants one. */
  needsKey: boolean;
  /** False after a request that met an outage, until one is answered again. */
  reachable: boolean;
}

/** What all requests share, as a store for `useSyncExternalStore`. */
class Session {
  #state: SessionState = { apiKey: storedKey(), needsKey: false, reachable: true };
  readonly #listeners = new Set<() => void>();

  readonly get = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  update(change: Partial<SessionState>): void {
    const next = { ...this.#state, ...change };
    if (Object.entries(next).every(([name, value]) => this.#state[name as keyof SessionState] === value)) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }

  setKey(apiKey: string | null, remember: boolean): void {
    storeKey(apiKey, remember);
    this.update({ apiKey, needsKey: false });
  }
}

export const session = new Session();

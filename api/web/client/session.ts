export interface SessionState {
  /** Sent as bearer token; null for none. */
  apiKey: string | null;
  /** The server requires a key, or refused this one. */
  needsKey: boolean;
  /** False after a request without an answer, until the next answer. */
  reachable: boolean;
}

/** The state that all requests share, as a store for `useSyncExternalStore`. */
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

/** Name in the storage of the tab, or of the browser where the viewer asked to remember the key. */
const NAME = 'kinora-api-key';

const storedKey = (): string | null => sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME);

function storeKey(key: string | null, remember: boolean): void {
  sessionStorage.removeItem(NAME);
  localStorage.removeItem(NAME);
  if (key !== null) (remember ? localStorage : sessionStorage).setItem(NAME, key);
}

export const session = new Session();

/** A piece of work that waits, called when its turn has come. */
type Waiting = () => void;

/** Lets so many pieces of work run at once. Who waits gets turns by account, each account's oldest first. */
export class FairTurns {
  #free: number;
  /** The account whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** @throws the signal's reason, where it aborts during the wait, and what `work` throws */
  async run<T>(accountId: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(accountId, signal);
    try {
      return await work();
    } finally {
      const next = this.#next();
      if (next) next();
      else this.#free++;
    }
  }

  async #enter(accountId: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#leave(accountId, enter);
        reject(signal!.reason as Error);
      };
      const others = this.#waiting.get(accountId);
      if (others) others.push(enter);
      else this.#waiting.set(accountId, [enter]);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #next(): Waiting | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [accountId, waiting] = first;
    const next = waiting.shift();
    this.#waiting.delete(accountId);
    // Behind everybody else who waits.
    if (waiting.length > 0) this.#waiting.set(accountId, waiting);
    return next;
  }

  #leave(accountId: string, enter: Waiting): void {
    const left = this.#waiting.get(accountId)?.filter((other) => other !== enter) ?? [];
    if (left.length > 0) this.#waiting.set(accountId, left);
    else this.#waiting.delete(accountId);
  }
}

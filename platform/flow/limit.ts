/** A piece of work that waits, called when its turn has come. */
type Waiting = () => void;

/**
 * Limits how much work runs at once. What waits is taken round-robin by owner, and of each owner the oldest first. p-queue
 * orders by a priority that is fixed when work is added, so it cannot take turns.
 */
export class Limit {
  #free: number;
  readonly #mostOfOne: number;
  /** By owner; the one whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiting[]>();
  /** How much of each owner's work is running. */
  readonly #running = new Map<string, number>();

  /** @param mostOfOne of an owner's work that runs at once: the rest is left free for the others @default atOnce */
  constructor(atOnce: number, mostOfOne: number = atOnce) {
    this.#free = atOnce;
    this.#mostOfOne = mostOfOne;
  }

  /**
   * @param signal gives up the wait
   * @param whose e.g. an account's id; without one all wait in the order in which they came
   * @throws the signal's reason, where it aborts during the wait, and what `work` throws
   */
  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>, whose = ''): Promise<T> {
    await this.#enter(signal, whose);
    try {
      return await work();
    } finally {
      this.#free++;
      this.#count(whose, -1);
      this.#next()?.();
    }
  }

  async #enter(signal: AbortSignal | undefined, whose: string): Promise<void> {
    signal?.throwIfAborted();
    if (this.#free > 0 && this.#mayRun(whose)) {
      this.#begin(whose);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', leave);
        this.#begin(whose);
        resolve();
      };
      const leave = () => {
        this.#leave(whose, enter);
        reject(signal!.reason as Error);
      };
      const others = this.#waiting.get(whose);
      if (others) others.push(enter);
      else this.#waiting.set(whose, [enter]);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #mayRun(whose: string): boolean {
    return (this.#running.get(whose) ?? 0) < this.#mostOfOne;
  }

  #begin(whose: string): void {
    this.#free--;
    this.#count(whose, 1);
  }

  #count(whose: string, more: 1 | -1): void {
    const running = (this.#running.get(whose) ?? 0) + more;
    if (running > 0) this.#running.set(whose, running);
    else this.#running.delete(whose);
  }

  #next(): Waiting | undefined {
    for (const [whose, waiting] of this.#waiting) {
      if (!this.#mayRun(whose)) continue;
      const next = waiting.shift();
      this.#waiting.delete(whose);
      // Behind all other owners that wait.
      if (waiting.length > 0) this.#waiting.set(whose, waiting);
      return next;
    }
    return undefined;
  }

  #leave(whose: string, enter: Waiting): void {
    const left = this.#waiting.get(whose)?.filter((other) => other !== enter) ?? [];
    if (left.length > 0) this.#waiting.set(whose, left);
    else this.#waiting.delete(whose);
  }
}

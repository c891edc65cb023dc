const FIRST_MS = 250;
const LONGEST_MS = 30_000;
const HEALTHY_MS = 60_000;

/**
 * Waits before a part that ended is started again: doubled each time, back to the first after a minute of work. cockatiel's
 * retry counts failures in a row only, and cannot tell a part that worked for a day from one that never started.
 */
export class RestartWait {
  #next = FIRST_MS;
  #since = Date.now();

  /** In ms; to be slept before the next start. */
  next(): number {
    if (Date.now() - this.#since > HEALTHY_MS + this.#next) this.#next = FIRST_MS;
    const wait = this.#next;
    this.#next = Math.min(wait * 2, LONGEST_MS);
    this.#since = Date.now();
    return wait;
  }
}

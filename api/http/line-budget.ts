/** Lines of one kind in a minute. */
const LINES = 20;
const MINUTE_MS = 60_000;

/**
 * Keeps a kind of line that strangers can cause from filling the disk: so many a minute are written, the others counted.
 */
export class LineBudget<K> {
  readonly #kinds = new Map<K, { until: number; left: number; skipped: number }>();

  /** @returns null where the line is not to be written; else how many of its kind were not, before it */
  take(kind: K, now = performance.now()): number | null {
    let budget = this.#kinds.get(kind);
    const skipped = budget?.skipped ?? 0;
    if (budget === undefined || now >= budget.until) {
      this.#kinds.set(kind, (budget = { until: now + MINUTE_MS, left: LINES, skipped: 0 }));
    } else if (budget.left === 0) {
      budget.skipped++;
      return null;
    }
    budget.left--;
    return budget.left === LINES - 1 ? skipped : 0;
  }
}

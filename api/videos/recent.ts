/** A map that forgets what was unused for `keepMs`, and what was longest unused once it holds more than `capacity` entries. */
export class RecentMap<V> {
  /** In the order of their last use. */
  readonly #entries = new Map<string, { value: V; usedAt: number }>();
  readonly #capacity: number;
  readonly #keepMs: number;

  constructor(capacity: number, keepMs = Infinity) {
    this.#capacity = capacity;
    this.#keepMs = keepMs;
  }

  /** The entry, made by `create` where there is none. */
  getOrCreate(key: string, create: () => V): V {
    const value = this.#entries.get(key)?.value ?? create();
    const usedAt = performance.now();
    this.#entries.delete(key);
    this.#entries.set(key, { value, usedAt });
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.#capacity && usedAt - entry.usedAt <= this.#keepMs) break;
      this.#entries.delete(oldest);
    }
    return value;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}

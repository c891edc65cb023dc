import type { AuditEntry } from '../../platform/audit/audit-log.ts';

const WINDOW_MS = 60_000;
/** Of one kind, in a window. */
const WRITTEN = 5;
/** Kinds that are told apart in a window; all others are one. */
const MOST_KINDS = 100;

/** Writes the first refusals of each kind in a minute, and at its end how many more there were: so a flood stays small. */
export class RefusalSampler {
  readonly #write: (entry: AuditEntry) => void;
  readonly #kinds = new Map<string, { count: number; last: AuditEntry }>();
  #timer: NodeJS.Timeout | null = null;

  /** @param stopping writes what has been counted at once */
  constructor(write: (entry: AuditEntry) => void, stopping: AbortSignal) {
    this.#write = write;
    stopping.addEventListener('abort', () => this.#tell());
  }

  write(entry: AuditEntry, kind: string): void {
    const key = this.#kinds.has(kind) || this.#kinds.size < MOST_KINDS ? kind : 'others';
    const seen = this.#kinds.get(key) ?? { count: 0, last: entry };
    this.#kinds.set(key, seen);
    seen.count++;
    seen.last = entry;
    if (seen.count <= WRITTEN) this.#write(entry);
    this.#timer ??= setTimeout(() => this.#tell(), WINDOW_MS).unref();
  }

  #tell(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const { count, last } of this.#kinds.values()) {
      if (count > WRITTEN) this.#write({ ...last, more: count - WRITTEN });
    }
    this.#kinds.clear();
  }
}

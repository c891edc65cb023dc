import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../platform/log/logger.ts';
import { type ObjectStore, type RefusedPermissions, StoreUnavailableError } from './object-store.ts';

/** Permissions are granted by people, and take a while to reach every server. */
const AGAIN_MS = 30_000;

/** What a worker may do with its stores: asked at its start, and again for as long as something is refused. */
export class StoreAccess {
  readonly #stores: readonly ObjectStore[];
  readonly #log: Logger;
  readonly #refused = new Map<string, RefusedPermissions>();
  #timer: NodeJS.Timeout | undefined;

  constructor(stores: readonly ObjectStore[], log: Logger) {
    this.#stores = stores;
    this.#log = log;
  }

  /** For `/readyz`: what no work can be done without; null where there is nothing. */
  get missing(): string | null {
    return this.#told('needed').join('; ') || null;
  }

  /** What is refused, and can be done without. */
  get warnings(): string[] {
    return this.#told('optional');
  }

  /** Waits until nothing is refused that is needed. */
  async granted(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#ask();
      if (this.missing === null || signal.aborted) break;
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
    }
    if (this.warnings.length > 0) this.#timer = setInterval(() => void this.#ask(), AGAIN_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #ask(): Promise<void> {
    for (const store of this.#stores) {
      const before = JSON.stringify(this.#refused.get(store.url) ?? { needed: [], optional: [] });
      try {
        const refused = await store.refused();
        this.#refused.set(store.url, refused);
        if (JSON.stringify(refused) !== before) this.#say(store.url, refused);
      } catch (error) {
        // What is refused shows when it is back; work that meets it meanwhile is tried again.
        if (!(error instanceof StoreUnavailableError)) throw error;
      }
    }
    if (this.missing === null && this.warnings.length === 0) this.close();
  }

  #say(store: string, { needed, optional }: RefusedPermissions): void {
    if (needed.length > 0) this.#log.error({ store, needed }, 'The store refuses what no work can be done without');
    if (optional.length > 0) {
      this.#log.warn({ store, optional }, 'The store refuses to take back broken uploads: it needs a lifecycle rule');
    }
    if (needed.length + optional.length === 0) this.#log.info({ store }, 'The store refuses nothing any more');
  }

  #told(kind: keyof RefusedPermissions): string[] {
    return [...this.#refused].flatMap(([store, refused]) =>
      refused[kind].length === 0 ? [] : [`${store} refuses ${refused[kind].join(', ')}`],
    );
  }
}

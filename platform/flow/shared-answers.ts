import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';

/** Questions whose answers are kept at a time. */
const CAPACITY = 1_000;

/** Answers that many ask for and that cost something: each is found once for all who ask, whatever their number. */
export class SharedAnswers<V extends {}> {
  readonly #lifeMs: number;
  readonly #recent: LRUCache<string, V, () => Promise<V>>;
  /** Answers that are not being found yet: all who ask until then get them. */
  readonly #coming = new Map<string, Promise<V>>();
  /** When each question was last answered so, `performance.now()` ms. */
  readonly #begunAt: LRUCache<string, number>;

  /** @param lifeMs for which an answer is good, and between two that are found for the same question */
  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
    this.#recent = new LRUCache({
      max: CAPACITY,
      ttl: lifeMs,
      ignoreFetchAbort: true,
      fetchMethod: (_question, _stale, { context: find }) => find(),
    });
    this.#begunAt = new LRUCache({ max: CAPACITY, ttl: lifeMs });
  }

  /** An answer that was found within the last `lifeMs`, or is being found. An error is not kept. */
  async recent(question: string, find: () => Promise<V>): Promise<V> {
    return await this.#recent.forceFetch(question, { context: find });
  }

  /** An answer that is found from now on, for those who must see what was done before they asked; at most `lifeMs` later. */
  next(question: string, find: () => Promise<V>): Promise<V> {
    const coming = this.#coming.get(question);
    if (coming !== undefined) return coming;
    const answer = this.#inTurn(question, find);
    this.#coming.set(question, answer);
    return answer;
  }

  async #inTurn(question: string, find: () => Promise<V>): Promise<V> {
    const waitMs = (this.#begunAt.get(question) ?? -Infinity) + this.#lifeMs - performance.now();
    await (waitMs > 0 ? sleep(waitMs) : Promise.resolve());
    this.#coming.delete(question);
    this.#begunAt.set(question, performance.now());
    return await find();
  }
}

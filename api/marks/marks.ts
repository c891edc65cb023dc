import { ACCOUNT_ID } from '../../platform/accounts/account.ts';
import { within } from '../../platform/flow/deadline.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import { keys } from '../../storage/keys.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { AccountShares, type Share } from '../accounts/account-shares.ts';
import { ApiError } from '../errors/errors.ts';
import { answerOfStore } from '../errors/store-errors.ts';
import { type AccountMarks, countOf, marksOf, namesOf, NO_MARKS, type VideoMarks, withMarks } from './account-marks.ts';
import type { MarksChange } from './schema.ts';

/** For how long one list of an account's marks answers all its requests, in ms: what another process wrote shows by then. */
const FRESH_MS = 1_000;
/** The longer a list takes, the longer it answers: no more than a part of the time is spent on lists. */
const FRESH_FOR_TIMES = 10;
/** How much longer it answers those who only show marks, while the next list is under way. */
const REVALIDATE_MS = 1_000;
/** What these wait for that list, and for an account's first one, in ms; a store that takes longer is not waited for. */
const PATIENCE_MS = 250;
const FIRST_PATIENCE_MS = 1_000;
/** The longest that the store is waited for by those who choose videos by marks, or change them, in ms. */
const LONGEST_MS = 10_000;
/** The longest that a list may take before another one is tried, in ms. */
const GIVEN_UP_MS = 30_000;
/** Stars and tags of an account together: 20 lists of S3's. */
const MOST_OF_ACCOUNT = 20_000;
/** Those that are remembered, of all accounts; each takes about 200 bytes. */
const MOST_KNOWN = 500_000;
/** One after the other, so that the last one of a client's holds. */
const CHANGES: Share = { what: 'changes of a video', atOnce: 1, waiting: 100, waitMs: 10_000 };

const NONE: AccountMarks = { videos: new Map(), count: 0, tookMs: 0 };

/**
 * The stars and tags of videos: one empty object each in the store of finished files, below its account and video and named after
 * all that it says. A removal or the expiry of the video takes them with it.
 */
export class Marks {
  readonly #store: ObjectStore;
  readonly #most: number;
  readonly #known = new SingleFlightCache<AccountMarks>(FRESH_MS, {
    max: 10_000,
    sizes: { most: MOST_KNOWN, of: ({ count }) => count },
  });
  readonly #changes = new AccountShares(CHANGES);

  /** @param most stars and tags of an account together */
  constructor(artefacts: ObjectStore, most = MOST_OF_ACCOUNT) {
    this.#store = artefacts;
    this.#most = most;
  }

  /**
   * An account's marks, for those who choose videos by them: at most a second old, or ten times what a list of them takes.
   *
   * @throws ApiError `storage_denied`, `service_unavailable`
   */
  async of(accountId: string): Promise<AccountMarks> {
    // An admin may ask for any name.
    if (!ACCOUNT_ID.test(accountId)) return NONE;
    const known = this.#known.get(accountId, () => this.#read(accountId), { freshMs: this.#freshMs(accountId) });
    return await inTime(known);
  }

  /** A video's marks, for showing them: as they were last known where the store is silent, and none where it has never answered. */
  async shown(accountId: string, videoId: string): Promise<VideoMarks> {
    return (await this.#shown(accountId)).videos.get(videoId) ?? NO_MARKS;
  }

  /**
   * Changes the marks of a video. Idempotent; only what is another one is written.
   *
   * @returns all marks that the video has now
   * @throws ApiError `too_many_marks`, `rate_limit_exceeded`, `storage_denied`, `service_unavailable`
   */
  async change(accountId: string, videoId: string, change: MarksChange): Promise<VideoMarks> {
    return await this.#changes.run(videoId, async () => {
      const names = await inTime(this.#namesOf(accountId, videoId));
      const before = marksOf(names);
      const now = { starred: change.starred ?? before.starred, tags: change.tags ?? before.tags };
      const wanted = new Set(namesOf(now));
      const missing = [...wanted].filter((name) => !names.has(name));
      const others = [...names].filter((name) => !wanted.has(name));
      await this.#assertRoom(accountId, countOf(now) - countOf(before));
      const keyOf = (name: string) => keys.mark(accountId, videoId, name);
      // A tag that is only spelt in another way is never missing meanwhile.
      await inTime(Promise.all(missing.map((name) => this.#store.put(keyOf(name), new Uint8Array()))));
      await inTime(Promise.all(others.map((name) => this.#store.delete(keyOf(name)))));
      this.#known.update(accountId, (known) => withMarks(known, videoId, now));
      return now;
    });
  }

  /** Takes all marks from a video that is gone. Idempotent. @throws ApiError `storage_denied`, `service_unavailable` */
  async remove(accountId: string, videoId: string): Promise<void> {
    await inTime(this.#store.deletePrefix(keys.marks(accountId, videoId)));
    this.#known.update(accountId, (known) => withMarks(known, videoId, NO_MARKS));
  }

  async #shown(accountId: string): Promise<AccountMarks> {
    const freshMs = this.#freshMs(accountId);
    const known = this.#known.get(accountId, () => this.#read(accountId), {
      freshMs,
      staleMs: freshMs + REVALIDATE_MS,
      patienceMs: PATIENCE_MS,
      staleIf: () => true,
    });
    const patience = this.#known.begunAt(accountId) + FIRST_PATIENCE_MS - performance.now();
    return await (this.#known.peek(accountId) === null ? within(Math.max(0, patience), known, silent) : known).catch(
      () => NONE,
    );
  }

  #freshMs(accountId: string): number {
    return Math.max(FRESH_MS, FRESH_FOR_TIMES * (this.#known.peek(accountId)?.tookMs ?? 0));
  }

  async #assertRoom(accountId: string, more: number): Promise<void> {
    if (more > 0 && (await this.of(accountId)).count + more > this.#most) throw new ApiError('too_many_marks');
  }

  async #namesOf(accountId: string, videoId: string): Promise<Set<string>> {
    const prefix = keys.marks(accountId, videoId);
    const names = new Set<string>();
    for await (const { key } of this.#store.list(prefix)) names.add(key.slice(prefix.length));
    return names;
  }

  #read(accountId: string): Promise<AccountMarks> {
    return within(GIVEN_UP_MS, this.#list(accountId), silent);
  }

  async #list(accountId: string): Promise<AccountMarks> {
    const begunAt = performance.now();
    const prefix = keys.accountMarks(accountId);
    const videos = new Map<string, VideoMarks>();
    let count = 0;
    let [at, names]: [string, string[]] = ['', []];
    const add = () => {
      const marks = marksOf(names);
      if (countOf(marks) > 0) videos.set(at, marks);
      count += countOf(marks);
    };
    // Those of one video come one after the other.
    for await (const { key } of this.#store.list(prefix)) {
      const [videoId = '', name = ''] = key.slice(prefix.length).split('/');
      if (videoId !== at) {
        add();
        [at, names] = [videoId, []];
      }
      names.push(name);
    }
    add();
    return { videos, count, tookMs: performance.now() - begunAt };
  }
}

const silent = () => new Error('The store is silent');
const inTime = <T>(answer: Promise<T>): Promise<T> => answerOfStore(within(LONGEST_MS, answer, silent));

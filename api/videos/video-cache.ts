import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import { type GenerateVideoInput, type Stage, type VideoMemo } from '../../contract/video-job.ts';
import { GENERATE_VIDEO } from '../../contract/names.ts';
import { AccountShares, type Share } from '../accounts/account-shares.ts';
import { ApiError, toApiError } from '../errors/errors.ts';
import { type VideoRecord, type JobState, videoObject } from '../jobs/video-object.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { Temporal } from '../jobs/temporal.ts';
import {
  pendingActivity,
  runningState,
  type Outcome,
  outcomeOf,
  rememberedOutcome,
  isUnreadable,
} from '../jobs/job-state.ts';
import { STAGE } from '../jobs/start-video.ts';

/** What this process remembers of a video; the truth is with Temporal. */
interface Entry {
  /** The newest look, done or under way: one for all who ask meanwhile. */
  look: Promise<VideoRecord> | null;
  /** When it began, `performance.now()` ms. */
  lookedAt: number;
  /** When somebody last asked, `performance.now()` ms. */
  askedAt: number;
  /** What the newest finished one saw, and when, `performance.now()` ms. */
  seen: { record: VideoRecord; at: number } | null;
  /** Whether the newest look is under way. */
  looking: boolean;
  /** Of the run that the rest is about: a retried video has another one. */
  runId: string | null;
  /** How the closed run ended. */
  outcome: Outcome | null;
  /** The furthest that clients have been told of the run; a retried attempt begins lower. */
  furthest: Pick<JobState, 'status' | 'progress'>;
  cancelRequested: boolean;
}

/** How long one look at Temporal answers everybody: polls at 10 Hz cost two calls a second. */
export const FRESH_MS = 500;
/** How much longer it answers polls for each place that the job is back in the line: little happens there. */
const FRESH_MS_PER_PLACE = 50;
/** The longest that it answers polls. */
const LONGEST_FRESH_MS = 3_000;
/** Questions no further apart than that are a poll. */
const POLLED_MS = 2_000;
/** How much longer it answers a glance, while the next look is under way. */
const GLANCE_MS = 500;
/** What a glance then waits for that look, from its beginning; Temporal takes longer only where it has too much to do. */
const PATIENCE_MS = 20;
/** The same for who asks once, where Temporal was not there of late. */
const PATIENCE_WHEN_AWAY_MS = 250;
/** The oldest that a glance is answered with instead. */
const OLDEST_MS = 10_000;
/** Videos remembered, one takes a few kilobytes; and for how long nobody need ask for one. */
const CAPACITY = 2_000;
const KEEP_MS = 120_000;

/** How a video is looked at. */
export interface LookOptions {
  /**
   * Where it is asked for again and again, is content with what was seen within the last second while a newer look is under
   * way, and with up to ten seconds where Temporal is slow: nobody who polls waits for Temporal each time.
   *
   * @default false
   */
  glance?: boolean;
  /** Whose question it is, to count as part of the account's share. @default the service's own */
  accountId?: string | undefined;
}

/** An account's share of the looks at Temporal; polls of known videos seldom need one. */
const LOOKS: Share = { what: 'videos looked up', atOnce: 20, waiting: 1_000, waitMs: 10_000 };

/** Looks at single videos, each shared by all who ask within half a second. */
export class VideoLooks {
  readonly #temporal: Temporal;
  readonly #queue: JobQueue;
  readonly #shares = new AccountShares(LOOKS);
  readonly #entries = new LRUCache<string, Entry>({
    max: CAPACITY,
    ttl: KEEP_MS,
    updateAgeOnGet: true,
    memoMethod: newEntry,
  });

  constructor(temporal: Temporal, queue: JobQueue) {
    this.#temporal = temporal;
    this.#queue = queue;
  }

  /**
   * The video as it stands, at most half a second old; while Temporal is away, as it was last seen.
   *
   * @throws ApiError `rate_limit_exceeded`, `video_not_found`, `service_unavailable`
   */
  async recent(videoId: string, { glance = false, accountId }: LookOptions = {}): Promise<VideoRecord> {
    const entry = this.#entries.memo(videoId);
    const now = performance.now();
    // Who asks once, on a webhook say, is told how things are now.
    const polled = glance && now - entry.askedAt < POLLED_MS;
    entry.askedAt = now;
    const freshMs = polled ? polledFreshMs(entry) : FRESH_MS;
    if (entry.look === null || (!entry.looking && now - (entry.seen?.at ?? 0) > freshMs)) {
      const look = () => this.#look(videoId, entry);
      entry.look = accountId === undefined ? look() : this.#shares.run(accountId, look);
      entry.lookedAt = now;
      entry.looking = true;
      this.#keep(videoId, entry, entry.look);
    }
    const { look, lookedAt, seen } = entry;
    if (seen === null) return await look;
    if (polled && now - seen.at < freshMs + GLANCE_MS) return seen.record;
    const known = look.catch(unlessDown(seen.record));
    // While Temporal is away, there is nothing newer to wait for.
    if (!this.#temporal.isAway && (!polled || now - seen.at > OLDEST_MS)) return await known;
    const patienceMs = polled ? PATIENCE_MS : PATIENCE_WHEN_AWAY_MS;
    const patience = sleep(Math.max(0, lookedAt + patienceMs - now), seen.record);
    return await Promise.race([known, patience]);
  }

  /** It has just been started: who asks within half a second is told what the start was answered with. */
  created(videoId: string, record: VideoRecord): void {
    const at = performance.now();
    const look = Promise.resolve(record);
    const seen = { record, at };
    Object.assign(this.#entries.memo(videoId), { look, looking: false, seen });
  }

  /** Something was done to the video: the next to ask is told of it. */
  outdate(videoId: string, change: { cancelRequested?: true } = {}): void {
    Object.assign(this.#entries.memo(videoId), { look: null, seen: null, ...change });
  }

  /** Whether the newest look began after then, `performance.now()` ms. */
  begunSince(videoId: string, at: number): boolean {
    return this.#entries.memo(videoId).lookedAt >= at;
  }

  /** Something may have been done to it elsewhere: looks that began before then, `performance.now()` ms, do not count. */
  outdateBefore(videoId: string, at: number): void {
    // While Temporal is away, they are all that there is.
    if (this.#entries.memo(videoId).lookedAt < at && !this.#temporal.isAway) this.outdate(videoId);
  }

  /** Answers stay for a moment, errors do not. */
  #keep(videoId: string, entry: Entry, look: Promise<VideoRecord>): void {
    look.then(
      (record) => {
        if (entry.look !== look) return;
        Object.assign(entry, { seen: { record, at: performance.now() }, looking: false });
      },
      (error: unknown) => {
        if (entry.look === look) entry.look = null;
        if (error instanceof ApiError && error.code === 'video_not_found') this.#entries.delete(videoId);
      },
    );
  }

  async #look(videoId: string, entry: Entry): Promise<VideoRecord> {
    try {
      return await this.#temporal.call(async (client) => {
        const [description] = await Promise.all([
          client.workflow.getHandle(videoId).describe(),
          this.#queue.refreshed(),
        ]);
        const memo = description.memo as VideoMemo | undefined;
        const deleted = description.typedSearchAttributes.get(STAGE) === ('deleted' satisfies Stage);
        if (description.type !== GENERATE_VIDEO || memo?.input === undefined || deleted) throw notFound();
        const { input } = memo;
        if (isUnreadable(memo)) throw new ApiError('encryption_key_missing');
        const { runId, status } = description;
        // A cancel may have been asked for before the first look.
        if (entry.runId !== null && runId !== entry.runId) Object.assign(entry, newRun());
        entry.runId = runId;
        // A run has ended once its memo says how: it may still have somebody to tell of it.
        const running = status.name === 'RUNNING' || status.name === 'PAUSED';
        if (!running || rememberedOutcome(memo) !== null) {
          entry.outcome ??= await outcomeOf(client, memo, runId);
          const { state, result } = entry.outcome;
          const progress = Math.max(state.progress, entry.furthest.progress);
          return { runId, input, video: videoObject(input, { ...state, progress }), result };
        }
        const state = await runningSince(client, this.#queue, description, input, entry);
        return { runId, input, video: videoObject(input, state), result: null };
      });
    } catch (error) {
      throw error instanceof WorkflowNotFoundError ? notFound() : error;
    }
  }
}

const polledFreshMs = ({ seen }: Entry) =>
  Math.min(LONGEST_FRESH_MS, FRESH_MS + FRESH_MS_PER_PLACE * (seen?.record.video.queue_position ?? 0));

/** The state of a running job, never behind what clients have been told before. */
async function runningSince(
  client: Client,
  queue: JobQueue,
  description: WorkflowExecutionDescription,
  input: GenerateVideoInput,
  entry: Entry,
): Promise<JobState> {
  const pending = await pendingActivity(description, client.options.loadedDataConverter);
  const stage = description.typedSearchAttributes.get(STAGE) as Stage | undefined;
  const state = runningState(input, pending, stage ?? 'queued');
  queue.saw(input.videoId, description.runId, pending);
  if (state.status === 'queued' && state.phase !== 'cancelling') {
    const standing = queue.standing(input, description.startTime.getTime());
    state.queuePosition = standing?.position ?? null;
    state.etaSeconds = standing?.doneInS ?? null;
  } else if (pending !== null) state.etaSeconds = queue.remainingS(input, pending);
  const { furthest } = entry;
  if (furthest.status === 'in_progress') state.status = 'in_progress';
  state.progress = Math.max(furthest.progress, state.progress);
  if (entry.cancelRequested) state.phase = 'cancelling';
  entry.furthest = { status: state.status, progress: state.progress };
  return state;
}

/** What was seen, where Temporal does not answer. */
const unlessDown = (record: VideoRecord) => (error: unknown) => {
  // Temporal's client may give up a moment before the API does, with an error of its own.
  if (toApiError(error).code === 'service_unavailable') return record;
  throw error;
};

const newRun = (): Pick<Entry, 'runId' | 'outcome' | 'furthest' | 'cancelRequested'> => ({
  runId: null,
  outcome: null,
  furthest: { status: 'queued', progress: 0 },
  cancelRequested: false,
});
const newEntry = (): Entry => ({ look: null, lookedAt: 0, askedAt: 0, seen: null, looking: false, ...newRun() });

export const notFound = (): ApiError => new ApiError('video_not_found');

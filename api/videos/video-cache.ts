import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import { GENERATE_VIDEO } from '../../contract/names.ts';
import type { GenerateVideoInput, Stage, VideoMemo } from '../../contract/video-job.ts';
import { type Freshness, SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import { AccountShares, type Share } from '../accounts/account-shares.ts';
import { ApiError, toApiError } from '../errors/errors.ts';
import {
  isUnreadable,
  type Outcome,
  outcomeOf,
  pendingActivity,
  rememberedOutcome,
  runningState,
} from '../jobs/job-state.ts';
import { STAGE } from '../../temporal/start-video.ts';
import type { Temporal } from '../jobs/temporal.ts';
import { type JobState, videoObject, type VideoRecord } from '../jobs/video-object.ts';
import type { JobQueue } from '../queue/job-queue.ts';

/** What clients have been told of a video, and must not be told otherwise; the truth is with Temporal. */
interface History {
  /** When a client last asked, `performance.now()` ms. */
  askedAt: number;
  /** Of the run that the rest is about: a retried video has another one. */
  runId: string | null;
  /** How the closed run ended. */
  outcome: Outcome | null;
  /** The furthest that clients have been told of the run; a retried attempt begins lower. */
  furthest: Pick<JobState, 'status' | 'progress'>;
  cancelRequested: boolean;
}

/** How long one read of Temporal answers all clients: polls at 10 Hz cost two calls a second. */
export const FRESH_MS = 500;
/** How much longer it answers polls for each place that the job is back in the queue: little happens there. */
const FRESH_MS_PER_PLACE = 50;
/** The longest that it answers polls. */
const LONGEST_FRESH_MS = 3_000;
/** Requests no further apart than that are a poll. */
const POLLED_MS = 2_000;
/** How much longer it answers polls while the next read is under way. */
const REVALIDATE_MS = 500;
/** What a poll then waits for that read, from its beginning; Temporal takes longer only where it has too much to do. */
const PATIENCE_MS = 20;
/** The same for a single request, where Temporal was not there of late. */
const PATIENCE_WHEN_AWAY_MS = 250;
/** The oldest that a poll is answered with instead. */
const OLDEST_MS = 10_000;
/** Videos remembered, one takes a few kilobytes; and how long after the last request for one. */
const CAPACITY = { max: 2_000, keepMs: 120_000 };

/** How a video is read. */
export interface ReadOptions {
  /**
   * Where it is polled, answers with what was read within the last second while a newer read is under way, and with up to
   * ten seconds where Temporal is slow: no poll waits for Temporal each time.
   *
   * @default false
   */
  staleWhileRevalidate?: boolean;
  /** Whose request it is, to count as part of the account's share. @default the service's own */
  accountId?: string | undefined;
}

/** An account's share of the reads of Temporal; polls of known videos seldom need one. */
const READS: Share = { what: 'videos looked up', atOnce: 20, waiting: 1_000, waitMs: 10_000 };

/** Single videos as Temporal knows them, each read once for all who ask within half a second. */
export class VideoCache {
  readonly #temporal: Temporal;
  readonly #queue: JobQueue;
  readonly #shares = new AccountShares(READS);
  readonly #records = new SingleFlightCache<VideoRecord>(FRESH_MS, CAPACITY);
  readonly #histories = new LRUCache<string, History>({
    max: CAPACITY.max,
    ttl: CAPACITY.keepMs,
    updateAgeOnGet: true,
    memoMethod: newHistory,
  });

  constructor(temporal: Temporal, queue: JobQueue) {
    this.#temporal = temporal;
    this.#queue = queue;
  }

  /**
   * The video as it stands, at most half a second old; while Temporal is away, as it was last read.
   *
   * @throws ApiError `rate_limit_exceeded`, `video_not_found`, `service_unavailable`
   */
  async read(videoId: string, { staleWhileRevalidate = false, accountId }: ReadOptions = {}): Promise<VideoRecord> {
    const history = this.#histories.memo(videoId);
    const now = performance.now();
    // A single request, on a webhook say, is told how things are now.
    const polled = staleWhileRevalidate && now - history.askedAt < POLLED_MS;
    history.askedAt = now;
    const read = () => this.#readNow(videoId, history);
    return await this.#records.get(
      videoId,
      accountId === undefined ? read : () => this.#shares.run(accountId, read),
      this.#freshness(videoId, polled),
    );
  }

  /** It has just been started: requests within half a second are told what the start was answered with. */
  created(videoId: string, record: VideoRecord): void {
    this.#records.set(videoId, record);
  }

  /** Something was done to the video: the next request is told of it. */
  invalidate(videoId: string, change: { cancelRequested?: true } = {}): void {
    this.#records.invalidate(videoId);
    Object.assign(this.#histories.memo(videoId), change);
  }

  /** Whether the newest read began after then, `performance.now()` ms. */
  readSince(videoId: string, at: number): boolean {
    return this.#records.begunAt(videoId) >= at;
  }

  /** Something may have been done to it elsewhere: reads that began before then, `performance.now()` ms, do not count. */
  invalidateBefore(videoId: string, at: number): void {
    // While Temporal is away, they are all that there is.
    if (this.#records.begunAt(videoId) < at && !this.#temporal.isAway) this.invalidate(videoId);
  }

  #freshness(videoId: string, polled: boolean): Freshness {
    const away = this.#temporal.isAway;
    const staleIf = isDown;
    if (!polled) return { freshMs: FRESH_MS, staleIf, ...(away && { patienceMs: PATIENCE_WHEN_AWAY_MS }) };
    const place = this.#records.peek(videoId)?.video.queue_position ?? 0;
    const freshMs = Math.min(LONGEST_FRESH_MS, FRESH_MS + FRESH_MS_PER_PLACE * place);
    const staleMs = freshMs + REVALIDATE_MS;
    // While Temporal is away, there is nothing newer to wait for.
    return { freshMs, staleMs, patienceMs: PATIENCE_MS, staleIf, ...(!away && { oldestMs: OLDEST_MS }) };
  }

  async #readNow(videoId: string, history: History): Promise<VideoRecord> {
    try {
      return await this.#temporal.call(async (client) => {
        const [description] = await Promise.all([
          client.workflow.getHandle(videoId).describe(),
          this.#queue.refreshed(),
        ]);
        return await recordOf(client, this.#queue, description, history);
      });
    } catch (error) {
      const gone = error instanceof WorkflowNotFoundError || (error instanceof ApiError && error.code === NOT_FOUND);
      if (!gone) throw error;
      this.#histories.delete(videoId);
      this.#records.invalidate(videoId);
      throw notFound();
    }
  }
}

/** @throws ApiError `video_not_found`, `encryption_key_missing` */
async function recordOf(
  client: Client,
  queue: JobQueue,
  description: WorkflowExecutionDescription,
  history: History,
): Promise<VideoRecord> {
  const { runId, status } = description;
  const memo = description.memo as VideoMemo | undefined;
  const deleted = description.typedSearchAttributes.get(STAGE) === ('deleted' satisfies Stage);
  if (description.type !== GENERATE_VIDEO || memo?.input === undefined || deleted) throw notFound();
  const { input } = memo;
  if (isUnreadable(memo)) throw new ApiError('encryption_key_missing');
  // A cancel may have been asked for before the first read.
  if (history.runId !== null && runId !== history.runId) Object.assign(history, newRun());
  history.runId = runId;
  // A run has ended once its memo says how: its webhook may still be under way.
  const running = status.name === 'RUNNING' || status.name === 'PAUSED';
  if (running && rememberedOutcome(memo) === null) {
    const state = await runningSince(client, queue, description, input, history);
    return { runId, input, video: videoObject(input, state), result: null };
  }
  history.outcome ??= await outcomeOf(client, memo, runId);
  const { state, result } = history.outcome;
  const progress = Math.max(state.progress, history.furthest.progress);
  return { runId, input, video: videoObject(input, { ...state, progress }), result };
}

/** The state of a running job, never behind what clients have been told before. */
async function runningSince(
  client: Client,
  queue: JobQueue,
  description: WorkflowExecutionDescription,
  input: GenerateVideoInput,
  history: History,
): Promise<JobState> {
  const pending = await pendingActivity(description, client.options.loadedDataConverter);
  const stage = description.typedSearchAttributes.get(STAGE) as Stage | undefined;
  const state = runningState(input, pending, stage ?? 'queued');
  queue.saw(input.videoId, description.runId, pending);
  if (state.status === 'queued' && state.phase !== 'cancelling') {
    const position = queue.positionOf(input, description.startTime.getTime());
    state.queuePosition = position?.position ?? null;
    state.etaSeconds = position?.doneInS ?? null;
  } else if (pending !== null) state.etaSeconds = queue.remainingS(input, pending);
  const { furthest } = history;
  if (furthest.status === 'in_progress') state.status = 'in_progress';
  state.progress = Math.max(furthest.progress, state.progress);
  if (history.cancelRequested) state.phase = 'cancelling';
  history.furthest = { status: state.status, progress: state.progress };
  return state;
}

/** Temporal's client may give up a moment before the API does, with an error of its own. */
const isDown = (error: unknown): boolean => toApiError(error).code === 'service_unavailable';

const newRun = (): Omit<History, 'askedAt'> => ({
  runId: null,
  outcome: null,
  furthest: { status: 'queued', progress: 0 },
  cancelRequested: false,
});
const newHistory = (): History => ({ askedAt: 0, ...newRun() });

const NOT_FOUND = 'video_not_found';
export const notFound = (): ApiError => new ApiError(NOT_FOUND);

/** True for what a video that is not to be shown is answered with. */
export const isAbsent = (error: unknown): boolean =>
  error instanceof ApiError && (error.code === NOT_FOUND || error.code === 'encryption_key_missing');

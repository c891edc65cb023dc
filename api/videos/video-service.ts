import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { GenerateVideoInput } from '../../contract/video-job.ts';
import { CANCEL_SIGNAL, DELETE_SIGNAL, REMOVE_VIDEO, TASK_QUEUES } from '../../contract/names.ts';
import { LRUCache } from 'lru-cache';
import { AccountShares, type Share } from '../accounts/account-shares.ts';
import type { Viewer } from '../accounts/viewer.ts';
import { ApiError } from '../errors/errors.ts';
import type { ListVideosQuery } from './list-schema.ts';
import type { Video, VideoList } from '../jobs/video-schema.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import type { Temporal } from '../jobs/temporal.ts';
import type { UnlistedVideos } from '../jobs/unlisted-videos.ts';
import type { Marks } from '../marks/marks.ts';
import { listVideos } from './list-videos.ts';
import { removeLostMarks } from './lost-marks.ts';
import { markedWith } from '../marks/account-marks.ts';
import { isAbsent, notFound, type ReadOptions, type VideoCache } from './video-cache.ts';
import { type VideoRecord, isVideoId } from '../jobs/video-object.ts';
import { IDEMPOTENCY_KEY, startVideo } from '../../temporal/start-video.ts';

/** Deleted videos that this process hides until Temporal has forgotten them. */
const HIDDEN = 10_000;

/** Pages that are asked for again and again, such as the newest, and are found at once. */
const QUESTIONS = 1_000;
/** How long what was just removed answers every list, in ms. */
const REMOVED_FRESH_MS = 500;
/** Between two walks for the same page, in ms: who asks meanwhile waits for the next one. */
const PAGE_MS = 250;
/** An account's share of the walks, for each costs Temporal some of the few searches that it takes in a second: 20 of them. */
const LISTS: Share = { what: 'lists of videos', atOnce: 2, waiting: 8, waitMs: 5_000, leastMs: 100 };
/** An account's share of the removals: each costs Temporal a dozen times what a read does. */
const REMOVALS: Share = { what: 'removals of videos', atOnce: 1, waiting: 256, waitMs: 45_000 };
/** Between two reads of an unfinished video for those who must have the latest, in ms. */
const LATEST_MS = 100;

/** The longest that a failed run takes to end after it has said how, in ms. */
const CLOSING_MS = 4_000;

/** Videos that were started, as Temporal knows them: a video is its workflow, there is no other record of it. */
export class VideoService {
  readonly #temporal: Temporal;
  readonly #unlisted: UnlistedVideos;
  readonly #cache: VideoCache;
  readonly #marks: Marks;
  readonly #hidden = new LRUCache<string, true>({ max: HIDDEN });
  readonly #removed = new SingleFlightCache<Set<string>>(REMOVED_FRESH_MS);
  readonly #reaches = new LRUCache<string, number>({ max: QUESTIONS });
  readonly #pages = new SingleFlightCache<VideoList>(PAGE_MS);
  readonly #lists = new AccountShares(LISTS);
  readonly #latest = new SingleFlightCache<VideoRecord>(LATEST_MS);
  readonly #removals = new AccountShares(REMOVALS);
  readonly #removing = new SingleFlightCache<true>(0);

  constructor(temporal: Temporal, unlisted: UnlistedVideos, cache: VideoCache, marks: Marks) {
    this.#temporal = temporal;
    this.#unlisted = unlisted;
    this.#cache = cache;
    this.#marks = marks;
  }

  /**
   * The video as it stands, at most half a second old.
   *
   * @param staleWhileRevalidate as in {@link ReadOptions}
   * @throws ApiError `rate_limit_exceeded`, `video_not_found` (also of another account's), `service_unavailable`
   */
  async get(videoId: string, viewer: Viewer, staleWhileRevalidate = false): Promise<VideoRecord> {
    const record = await this.read(videoId, { staleWhileRevalidate, accountId: viewer.accountId });
    if (!viewer.admin && record.input.accountId !== viewer.accountId) throw notFound();
    return await this.marked(record);
  }

  /** The video with its stars and tags. */
  async marked(record: VideoRecord): Promise<VideoRecord> {
    const { accountId, videoId } = record.input;
    return { ...record, video: { ...record.video, ...(await this.#marks.shown(accountId, videoId)) } };
  }

  /**
   * The same without a viewer, and without stars and tags: for what was authorised before, or is not shown.
   *
   * @throws ApiError `video_not_found`, `service_unavailable`
   */
  async read(videoId: string, options: ReadOptions = {}): Promise<VideoRecord> {
    if (!isVideoId(videoId) || this.#hidden.has(videoId)) throw notFound();
    return await this.#cache.read(videoId, options);
  }

  /**
   * The video for clients that may know from another process that it is finished: half a second is too old for them.
   *
   * @throws as {@link get}
   */
  async latest(videoId: string, viewer: Viewer): Promise<VideoRecord> {
    const askedAt = performance.now();
    const record = await this.get(videoId, viewer);
    if (record.video.status === 'completed' || record.video.status === 'failed') return record;
    if (this.#cache.readSince(videoId, askedAt)) return record;
    const latest = await this.#latest.next(videoId, async () => {
      this.#cache.invalidateBefore(videoId, performance.now());
      return await this.#cache.read(videoId, { accountId: viewer.accountId });
    });
    return await this.marked(latest);
  }

  /**
   * The video for who has just written something of it, and must know whether its removal had begun by then: never what was read
   * before.
   *
   * @throws as {@link get}
   */
  async afresh(videoId: string, viewer: Viewer): Promise<VideoRecord> {
    this.#cache.invalidate(videoId);
    return await this.get(videoId, viewer);
  }

  /**
   * A page of the viewer's videos; an admin's are those of all accounts, and of the own one where they are narrowed by stars or
   * tags. Equal questions are answered together.
   *
   * @throws ApiError `rate_limit_exceeded`, `service_unavailable`, and `storage_denied` where they are narrowed so
   */
  list(asked: ListVideosQuery, viewer: Viewer): Promise<VideoList> {
    const { starred = false, tag: tags = [] } = asked;
    const isByMarks = starred || tags.length > 0;
    const account = (viewer.admin ? asked.account : null) ?? viewer.accountId;
    const query = isByMarks ? { ...asked, account } : asked;
    const sources = {
      temporal: this.#temporal,
      unlisted: this.#unlisted,
      read: (videoId: string) => this.find(videoId, viewer.accountId),
      marked: isByMarks
        ? async () => markedWith(await this.#marks.of(account), { starred, tags }).filter(isVideoId)
        : null,
      lost: (ids: string[]) =>
        void removeLostMarks({ cache: this.#cache, marks: this.#marks }, account, ids).catch(() => undefined),
      // Whose it is is still said.
      marksOf: (video: Video) => this.#marks.shown(video.account!, video.id),
      isHidden: (videoId: string) => this.#hidden.has(videoId),
      removed: this.#removed,
      reaches: this.#reaches,
    };
    const question = JSON.stringify([viewer.admin ? null : viewer.accountId, query]);
    return this.#pages.next(question, () =>
      this.#lists.run(viewer.accountId, () => listVideos(sources, query, viewer)),
    );
  }

  /**
   * Asks the job to stop; a finished one stays as it is.
   *
   * @throws ApiError `video_not_found`, `service_unavailable`
   */
  async cancel(videoId: string, viewer: Viewer): Promise<Video> {
    const { video } = await this.get(videoId, viewer);
    if (video.status === 'completed' || video.status === 'failed') return video;
    try {
      await this.#temporal.call((client) => client.workflow.getHandle(videoId).signal(CANCEL_SIGNAL));
      this.#cache.invalidate(videoId, { cancelRequested: true });
    } catch (error) {
      // It has ended between the two calls.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      this.#cache.invalidate(videoId);
    }
    return (await this.get(videoId, viewer)).video;
  }

  /**
   * A video that can be made once more.
   *
   * @throws ApiError `video_not_failed`, `video_not_found`, `service_unavailable`
   */
  async failed(videoId: string, viewer: Viewer): Promise<VideoRecord> {
    const record = await this.latest(videoId, viewer);
    const { status } = record.video;
    if (status === 'failed') return record;
    throw new ApiError('video_not_failed', {
      message: `Only a video that has failed can be tried again; this one is ${status}.`,
    });
  }

  /**
   * Makes a failed video once more, from its last checkpoint where it has one. It keeps its id.
   *
   * @param again the job, as it is to be now
   * @returns the video, and the job that it is: another one where another request was faster
   * @throws ApiError `video_not_found`, `service_unavailable`
   */
  async retry(again: GenerateVideoInput, viewer: Viewer): Promise<VideoRecord> {
    const { videoId } = again;
    for (const end = performance.now() + CLOSING_MS; ; await sleep(CLOSING_MS / 20)) {
      const started = await this.#temporal
        .call((client) => startVideo(client, again, true))
        .then(
          () => true,
          (error: unknown) => {
            if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
            throw error;
          },
        );
      this.#cache.invalidate(videoId);
      if (started) this.#unlisted.add(again, Date.now());
      const now = await this.get(videoId, viewer);
      // Not started and not failed: another request was faster. Else the failed run has said how it ends, and not yet ended.
      if (started || now.video.status !== 'failed') return now;
      if (performance.now() > end) throw new ApiError('service_unavailable');
    }
  }

  /**
   * Removes the video and its files, whatever it is doing. Waits until that is done, but no longer than for any answer of
   * Temporal; it is hidden from then on. Requests for the same removal are answered together.
   *
   * @throws ApiError `rate_limit_exceeded`, `video_not_found`, `service_unavailable`
   */
  async remove(videoId: string, viewer: Viewer): Promise<void> {
    const record = await this.get(videoId, viewer);
    await this.#removing.get(videoId, () =>
      this.#removals.run(viewer.accountId, async () => {
        if (!this.#hidden.has(videoId)) await this.#remove(record);
        return true as const;
      }),
    );
  }

  /**
   * The video as it stands; null where it was not started, or is gone.
   *
   * @param accountId whose question it is
   * @throws ApiError `rate_limit_exceeded`, `service_unavailable`
   */
  async find(videoId: string, accountId?: string): Promise<Video | null> {
    try {
      return (await this.#cache.read(videoId, { accountId })).video;
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  async #remove({ input, runId }: VideoRecord): Promise<void> {
    const { videoId } = input;
    const runs = [...(input.earlierRuns ?? []), runId];
    // The running job is told to end so; where it has ended, the removal takes its place.
    const removal = await this.#temporal.call(({ workflow }) =>
      workflow.signalWithStart(REMOVE_VIDEO, {
        taskQueue: TASK_QUEUES.cpu,
        workflowId: videoId,
        signal: DELETE_SIGNAL,
        args: [videoId, undefined, runs, input.accountId],
        // Its key is not a new one, though its video is gone.
        ...(input.request && {
          typedSearchAttributes: new TypedSearchAttributes([{ key: IDEMPOTENCY_KEY, value: input.request.key }]),
        }),
      }),
    );
    this.#hidden.set(videoId, true);
    this.#cache.invalidate(videoId);
    // Not done in time, or without a worker for now: it goes on by itself.
    await this.#temporal
      .call(({ workflow }) => workflow.getHandle(videoId, removal.signaledRunId, { followRuns: false }).result())
      .catch(() => undefined);
  }
}

import {
  type Client,
  WorkflowFailedError,
  type WorkflowExecutionDescription,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { errorOf } from '../../temporal/failures.ts';
import {
  CANCEL_SIGNAL,
  GENERATE_VIDEO,
  type GenerateVideoInput,
  type GenerateVideoResult,
  type Stage,
  TASK_QUEUES,
  type VideoMemo,
} from '../../workflows/contract.ts';
import type { Viewer } from '../accounts/viewer.ts';
import { ApiError } from '../errors.ts';
import type { Temporal } from '../temporal.ts';
import { completedState, failedState, pendingActivity, runningState } from './job-state.ts';
import { RecentMap } from './recent.ts';
import { summaryOf } from './summary.ts';
import { isVideoId } from './video-id.ts';
import { type JobState, QUEUED, type Video, videoObject } from './video-object.ts';

/** A video, and where its files are once it is completed. */
export interface VideoRecord {
  /** Whose it is. */
  accountId: string;
  video: Video;
  result: GenerateVideoResult | null;
}

/** What this process remembers of a video; the truth is with Temporal. */
interface Entry {
  /** Answer of the last look, or the look that is under way: one for all who ask meanwhile. */
  look: Promise<VideoRecord> | null;
  /** Until when it answers everybody, `performance.now()` ms; without end while it is under way. */
  freshUntil: number;
  /** How a closed workflow ended; never changes. */
  outcome: { state: JobState; result: GenerateVideoResult | null } | null;
  /** The furthest that clients have been told; a retried attempt begins lower. */
  furthest: Pick<JobState, 'status' | 'progress'>;
  cancelRequested: boolean;
}

/** How long one look at Temporal answers everybody: polls at 10 Hz cost two calls a second. */
export const FRESH_MS = 500;
/** Videos remembered; one takes a few kilobytes. */
const CAPACITY = 2_000;

const searchAttribute = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

/** Videos as Temporal knows them: a video is its workflow, there is no other record of it. */
export class VideoService {
  readonly #temporal: Temporal;
  readonly #entries = new RecentMap<Entry>(CAPACITY);

  constructor(temporal: Temporal) {
    this.#temporal = temporal;
  }

  /**
   * Starts the job.
   *
   * @throws ApiError `service_unavailable`
   */
  async create(input: GenerateVideoInput): Promise<Video> {
    await this.#temporal.call((client) =>
      client.workflow.start(GENERATE_VIDEO, {
        taskQueue: TASK_QUEUES.cpu,
        workflowId: input.videoId,
        args: [input],
        memo: { input } satisfies VideoMemo,
        typedSearchAttributes: new TypedSearchAttributes([
          { key: searchAttribute('AccountId'), value: input.accountId },
          { key: searchAttribute('Model'), value: input.spec.model },
          { key: searchAttribute('Stage'), value: 'queued' satisfies Stage },
        ]),
        staticSummary: summaryOf(input.spec),
      }),
    );
    return videoObject(input, { ...QUEUED, warnings: input.warnings });
  }

  /**
   * The video as it stands, at most half a second old.
   *
   * @throws ApiError `video_not_found` (also of another account's), `service_unavailable`
   */
  async get(videoId: string, viewer: Viewer): Promise<VideoRecord> {
    if (!isVideoId(videoId)) throw notFound();
    const record = await this.#recent(videoId);
    if (!viewer.admin && record.accountId !== viewer.accountId) throw notFound();
    return record;
  }

  /** One look at Temporal for all who ask within half a second. */
  async #recent(videoId: string): Promise<VideoRecord> {
    const entry = this.#entries.getOrCreate(videoId, newEntry);
    if (entry.look === null || performance.now() > entry.freshUntil) {
      entry.look = this.#look(videoId, entry);
      entry.freshUntil = Infinity;
      this.#keep(videoId, entry, entry.look);
    }
    return entry.look;
  }

  /** Answers stay for a moment, errors do not. */
  #keep(videoId: string, entry: Entry, look: Promise<VideoRecord>): void {
    look.then(
      () => {
        if (entry.look === look) entry.freshUntil = performance.now() + FRESH_MS;
      },
      (error: unknown) => {
        if (entry.look === look) entry.look = null;
        if (error instanceof ApiError && error.code === 'video_not_found') this.#entries.delete(videoId);
      },
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
    const entry = this.#entries.getOrCreate(videoId, newEntry);
    try {
      await this.#temporal.call((client) => client.workflow.getHandle(videoId).signal(CANCEL_SIGNAL));
      entry.cancelRequested = true;
    } catch (error) {
      // It has ended between the two calls.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    entry.look = null;
    return (await this.get(videoId, viewer)).video;
  }

  async #look(videoId: string, entry: Entry): Promise<VideoRecord> {
    try {
      return await this.#temporal.call(async (client) => {
        const description = await client.workflow.getHandle(videoId).describe();
        const memo = description.memo as VideoMemo | undefined;
        if (description.type !== GENERATE_VIDEO || memo?.input === undefined) throw notFound();
        const { input } = memo;
        const { accountId } = input;
        if (description.status.name !== 'RUNNING' && description.status.name !== 'PAUSED') {
          entry.outcome ??= await outcomeOf(client, input, memo);
          const { state, result } = entry.outcome;
          const progress = Math.max(state.progress, entry.furthest.progress);
          return { accountId, video: videoObject(input, { ...state, progress }), result };
        }
        const state = await this.#running(client, description, input, entry);
        return { accountId, video: videoObject(input, state), result: null };
      });
    } catch (error) {
      throw error instanceof WorkflowNotFoundError ? notFound() : error;
    }
  }

  async #running(
    client: Client,
    description: WorkflowExecutionDescription,
    input: GenerateVideoInput,
    entry: Entry,
  ): Promise<JobState> {
    const pending = await pendingActivity(description, client.options.loadedDataConverter);
    const stage = description.typedSearchAttributes.get(searchAttribute('Stage')) as Stage | undefined;
    const state = runningState(input, pending, stage ?? 'queued');
    const { furthest } = entry;
    if (furthest.status === 'in_progress') state.status = 'in_progress';
    state.progress = Math.max(furthest.progress, state.progress);
    if (entry.cancelRequested) state.phase = 'cancelling';
    entry.furthest = { status: state.status, progress: state.progress };
    return state;
  }
}

const newEntry = (): Entry => ({
  look: null,
  freshUntil: 0,
  outcome: null,
  furthest: { status: 'queued', progress: 0 },
  cancelRequested: false,
});

/** How a closed workflow ended: from its memo, or, where it was ended from outside, from its close event. */
async function outcomeOf(
  client: Client,
  input: GenerateVideoInput,
  memo: VideoMemo,
): Promise<NonNullable<Entry['outcome']>> {
  if (memo.result) return { state: completedState(memo.result), result: memo.result };
  if (memo.failure) return { state: failedState(input, memo.failure), result: null };
  try {
    const result = (await client.workflow.getHandle(input.videoId).result()) as GenerateVideoResult;
    return { state: completedState(result), result };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { state: failedState(input, errorOf(error)), result: null };
  }
}

const notFound = () => new ApiError('video_not_found');

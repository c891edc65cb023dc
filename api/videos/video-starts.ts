import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { GenerateVideoInput } from '../../contract/video-job.ts';
import { firstOfGroup, othersOf } from '../../contract/video-group.ts';
import { reserved } from '../../temporal/reservations.ts';
import { startVideo } from '../../temporal/start-video.ts';
import type { Jobs } from '../admission/admission.ts';
import { ApiError } from '../errors/errors.ts';
import type { Temporal } from '../jobs/temporal.ts';
import type { UnlistedVideos } from '../jobs/unlisted-videos.ts';
import { QUEUED, videoObject, type VideoRecord } from '../jobs/video-object.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { isAbsent, type VideoCache } from './video-cache.ts';

/** Starts the workflows that new videos are, each once. */
export class VideoStarts {
  readonly #temporal: Temporal;
  readonly #queue: JobQueue;
  readonly #unlisted: UnlistedVideos;
  readonly #cache: VideoCache;

  constructor(temporal: Temporal, queue: JobQueue, unlisted: UnlistedVideos, cache: VideoCache) {
    this.#temporal = temporal;
    this.#queue = queue;
    this.#unlisted = unlisted;
    this.#cache = cache;
  }

  /**
   * Starts the job; one that has been started already, by another request with the same idempotency key, stays as it is.
   *
   * @returns the video, and the job that it is
   * @throws ApiError `video_not_found` where it was started and has been deleted since, `service_unavailable`
   */
  async create(input: GenerateVideoInput): Promise<VideoRecord> {
    let runId: string;
    try {
      runId = await this.#temporal.call((client) => startVideo(client, input));
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return await this.#cache.read(input.videoId);
      throw error;
    }
    const startedAt = Date.now();
    this.#unlisted.add(input, startedAt);
    await this.#queue.refreshed();
    const position = this.#queue.positionOf(input, startedAt);
    const video = videoObject(input, {
      ...QUEUED,
      queuePosition: position?.position ?? null,
      etaSeconds: position?.doneInS ?? null,
      warnings: input.warnings,
    });
    const record = { runId, input, video, result: null };
    this.#cache.created(input.videoId, record);
    return record;
  }

  /**
   * Starts the jobs of one request as {@link create} does; where the first was started already, it says what the others are.
   *
   * @returns the videos in order, without those that were deleted meanwhile
   * @throws as {@link create}
   */
  async createAll(inputs: Jobs): Promise<VideoRecord[]> {
    const first = await this.create(firstOfGroup(inputs));
    return [first, ...(await this.startOthers(first))];
  }

  /**
   * Starts the videos that belong to a first one, where they are not there yet. One that has ended has seen to that itself.
   *
   * @returns as {@link createAll}, without the first
   * @throws ApiError `service_unavailable`
   */
  async startOthers({ input, video: { status } }: VideoRecord): Promise<VideoRecord[]> {
    if (status === 'completed' || status === 'failed') return [];
    const others = await Promise.all(
      othersOf(input).map((other) =>
        this.create(other).catch((error: unknown) => {
          if (isAbsent(error)) return null;
          throw error;
        }),
      ),
    );
    return others.filter((record) => record !== null);
  }

  /**
   * The video of an idempotency key, or the first one; null where it was not started yet.
   *
   * @throws ApiError `video_not_found` where it has been deleted; `encryption_key_missing`, `service_unavailable`
   */
  async started(videoId: string): Promise<VideoRecord | null> {
    try {
      return await this.#cache.read(videoId);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'video_not_found') throw error;
      if ((await this.#temporal.call((client) => reserved(client, videoId))) === null) return null;
      // It may have been started since the read began.
      this.#cache.invalidate(videoId);
      return await this.#cache.read(videoId);
    }
  }
}

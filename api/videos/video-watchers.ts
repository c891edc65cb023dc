import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../errors/errors.ts';
import { FRESH_MS } from './video-cache.ts';
import type { VideoRecord } from '../jobs/video-object.ts';
import type { VideoService } from './video-service.ts';

/** Told of a video as it stands, again and again; null once there is no such video any more. */
export type VideoListener = (record: VideoRecord | null) => void;

/** A read while the last answer is still fresh would only bring that answer again. */
const INTERVAL_MS = FRESH_MS + 10;

/**
 * Reads videos again and again for their listeners: one watcher for each video, however many listen, and none without
 * any. Routes authorise a listener first. Polls and listeners share the same reads of Temporal.
 */
export class VideoWatchers {
  readonly #videos: VideoService;
  readonly #listeners = new Map<string, Set<VideoListener>>();

  constructor(videos: VideoService) {
    this.#videos = videos;
  }

  /** Videos that are being watched. */
  get size(): number {
    return this.#listeners.size;
  }

  /**
   * Tells `listener` of the video about twice a second, changed or not. An outage of Temporal is waited out in silence.
   *
   * @returns ends it
   */
  listen(videoId: string, listener: VideoListener): () => void {
    const listeners = this.#listeners.get(videoId);
    const added = listeners ?? new Set<VideoListener>();
    added.add(listener);
    if (listeners === undefined) {
      this.#listeners.set(videoId, added);
      void this.#watch(videoId, added);
    }
    return () => {
      added.delete(listener);
      if (added.size === 0 && this.#listeners.get(videoId) === added) this.#listeners.delete(videoId);
    };
  }

  async #watch(videoId: string, listeners: Set<VideoListener>): Promise<void> {
    while (listeners.size > 0) {
      const record = await this.#read(videoId);
      if (record !== undefined) for (const listener of listeners) listener(record);
      await sleep(INTERVAL_MS);
    }
  }

  /** Undefined where it could not be found out. */
  async #read(videoId: string): Promise<VideoRecord | null | undefined> {
    try {
      return await this.#videos.marked(await this.#videos.read(videoId));
    } catch (error) {
      return error instanceof ApiError && error.code === 'video_not_found' ? null : undefined;
    }
  }
}

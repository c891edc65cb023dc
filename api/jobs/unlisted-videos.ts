import type { GenerateVideoInput } from '../../contract/video-job.ts';

/** Temporal's visibility lists a workflow a moment after its start; on a database under load, after some seconds. */
const LISTED_WITHIN_MS = 10_000;

/** A video that this process has started or read, and that Temporal's lists may not show yet. */
export interface UnlistedVideo {
  input: GenerateVideoInput;
  /** When its run was started, ms since 1970. */
  since: number;
  /** When it was added last, `performance.now()` ms. */
  at: number;
  /** False once the queue's list has shown it, or a worker has begun with it. */
  waits: boolean;
}

/** The one memory of what visibility lags behind with: lists, the queue and accounts' usage add these videos. */
export class UnlistedVideos {
  /** By id, in the order in which they were added. */
  readonly #videos = new Map<string, UnlistedVideo>();

  /** @param since ms since 1970 */
  add(input: GenerateVideoInput, since: number): void {
    this.#forgetListed();
    this.#videos.delete(input.videoId);
    this.#videos.set(input.videoId, { input, since, at: performance.now(), waits: true });
  }

  /** Those that were added within the last `withinMs`, in that order. */
  videos(withinMs: number = LISTED_WITHIN_MS): UnlistedVideo[] {
    this.#forgetListed();
    const since = performance.now() - withinMs;
    return [...this.#videos.values()].filter(({ at }) => at >= since);
  }

  /** The queue need not be told of it any more. */
  waitsNoLonger(videoId: string): void {
    const video = this.#videos.get(videoId);
    if (video !== undefined) video.waits = false;
  }

  #forgetListed(): void {
    const since = performance.now() - LISTED_WITHIN_MS;
    for (const [videoId, { at }] of this.#videos) {
      if (at >= since) break;
      this.#videos.delete(videoId);
    }
  }
}

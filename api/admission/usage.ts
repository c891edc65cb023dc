import { ApiError } from '../errors/errors.ts';
import type { UnlistedVideos } from '../jobs/unlisted-videos.ts';
import type { VideoRecord } from '../jobs/video-object.ts';
import type { AccountSlots } from './slots.ts';

/** Where videos are read. */
interface Videos {
  read(videoId: string, options: { accountId: string }): Promise<VideoRecord>;
}

/** Videos of an account that are not finished. */
export interface Usage {
  /** Waiting for a GPU. */
  queued: number;
  /** In the making. */
  running: number;
}

/** Videos of one account that are read to tell the waiting from the running: no service has more GPUs free. */
const MOST_READS = 50;

/** How much of the service each account uses. */
export class AccountUsage {
  readonly #slots: AccountSlots;
  readonly #videos: Videos;
  readonly #unlisted: UnlistedVideos;

  constructor(slots: AccountSlots, videos: Videos, unlisted: UnlistedVideos) {
    this.#slots = slots;
    this.#videos = videos;
    this.#unlisted = unlisted;
  }

  /** @throws ApiError `service_unavailable` */
  async of(accountId: string): Promise<Usage> {
    const listed = await this.#slots.unfinished(accountId);
    const unlisted = this.#unlisted
      .videos()
      .filter(({ input }) => input.accountId === accountId && !listed.has(input.videoId))
      .map(({ input }) => input.videoId);
    const published = [...listed].filter(([, { stage }]) => stage === 'encoding' || stage === 'uploading').length;
    // The workflow's stage is `generating` from the moment that it waits for a GPU.
    const generating = [...listed].filter(([, { stage }]) => stage === 'generating').map(([videoId]) => videoId);
    const [ofListed, ofUnlisted] = await Promise.all([
      this.#statusesOf(generating, accountId),
      this.#statusesOf(unlisted, accountId),
    ]);
    const running = published + [...ofListed, ...ofUnlisted].filter((status) => status === 'in_progress').length;
    // Not being listed may mean that it has ended.
    const ended = ofUnlisted.filter((status) => status !== 'queued' && status !== 'in_progress').length;
    // What is told here to be free is not refused a moment later.
    if (ended > 0) this.#slots.videosEnded(listed);
    const total = listed.size + unlisted.length - ended;
    return { queued: Math.max(0, total - running), running };
  }

  /** Of the first {@link MOST_READS}; null for a video that is gone. */
  async #statusesOf(videoIds: string[], accountId: string): Promise<(string | null)[]> {
    return await Promise.all(videoIds.slice(0, MOST_READS).map((videoId) => this.#statusOf(videoId, accountId)));
  }

  async #statusOf(videoId: string, accountId: string): Promise<string | null> {
    try {
      return (await this.#videos.read(videoId, { accountId })).video.status;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'video_not_found') return null;
      throw error;
    }
  }
}

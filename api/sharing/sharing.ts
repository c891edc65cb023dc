import type { StoredFile } from '../../contract/results.ts';
import type { AccountRegistry } from '../../platform/accounts/registry.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { EncryptionKey } from '../../temporal/encryption/keys-file.ts';
import type { Viewer } from '../accounts/viewer.ts';
import { ApiError, toApiError } from '../errors/errors.ts';
import type { Video } from '../jobs/video-schema.ts';
import { fileOf } from '../videos/content.ts';
import type { VideoService } from '../videos/video-service.ts';
import type { CreateShare } from './schema.ts';
import { hasEnded, newShareId, type Share } from './share.ts';
import { ShareStore, type StoredShare } from './share-store.ts';
import { SignedLinks } from './signed-links.ts';

/** Valid ones of a video. */
const MOST_SHARES = 100;

export interface SharingDeps {
  accounts: AccountRegistry;
  videos: VideoService;
  /** Store of the finished files, and of the shares. */
  artefacts: ObjectStore;
}

/** What the visitor of a good link may have. */
export interface Visit {
  share: Share;
  video: Video;
  files: Record<'video' | 'thumbnail', StoredFile>;
}

/**
 * Links under which anyone can watch a video. A link is good while its signature is, while its object is in the store, while the
 * video is there, and while the account is whose video it is; whatever of that ends first ends it.
 */
export class Sharing {
  readonly #deps: SharingDeps;
  readonly #store: ShareStore;
  readonly #links: SignedLinks;

  /** @param keys as they stand now: the first signs, each verifies */
  constructor(deps: SharingDeps, keys: () => readonly EncryptionKey[]) {
    this.#deps = deps;
    this.#store = new ShareStore(deps.artefacts);
    this.#links = new SignedLinks(keys);
  }

  /** The end of a share's link. */
  linkOf(share: Share): string {
    return this.#links.linkOf(share);
  }

  /**
   * Makes a link to a finished video. It ends with the video at the latest.
   *
   * @throws ApiError `video_not_found` (also of another account's), `video_not_ready`, `video_generation_failed`,
   *   `video_expired`, `too_many_shares`, `storage_denied`, `rate_limit_exceeded`, `service_unavailable`
   */
  async create(videoId: string, { expiresIn, showPrompt }: CreateShare, viewer: Viewer): Promise<StoredShare> {
    const { videos } = this.#deps;
    const record = await videos.latest(videoId, viewer);
    fileOf(record, 'video');
    if ((await this.#store.list(videoId)).length >= MOST_SHARES) throw new ApiError('too_many_shares');
    const expiresAt = Math.min(Math.floor(Date.now() / 1000) + expiresIn, record.video.expires_at ?? Infinity);
    const share = { id: newShareId(), videoId, expiresAt, showPrompt };
    try {
      const stored = await this.#store.add(share);
      // A removal, or the expiry, that began meanwhile may have been through with the video's files before.
      fileOf(await videos.afresh(videoId, viewer), 'video');
      return stored;
    } catch (error) {
      await this.#store.remove(share);
      throw error;
    }
  }

  /** Those that are valid, newest first. @throws ApiError `video_not_found`, `rate_limit_exceeded`, `service_unavailable` */
  async list(videoId: string, viewer: Viewer): Promise<StoredShare[]> {
    await this.#deps.videos.get(videoId, viewer);
    return await this.#store.list(videoId);
  }

  /** Ends a link now. @throws ApiError as {@link list}; `share_not_found` where it is none of the video's valid ones */
  async revoke(videoId: string, shareId: string, viewer: Viewer): Promise<void> {
    const share = (await this.list(videoId, viewer)).find(({ id }) => id === shareId);
    if (share === undefined) throw new ApiError('share_not_found');
    await this.#store.remove(share);
  }

  /**
   * What there is behind a link. Only one that was signed here is looked for.
   *
   * @throws ApiError `share_not_found`, whatever is wrong with it; `service_unavailable` where that cannot be found out
   */
  async visit(link: string): Promise<Visit> {
    const share = this.#links.shareOf(link);
    if (share === null || hasEnded(share)) throw new ApiError('share_not_found');
    try {
      const [record, there] = await Promise.all([this.#deps.videos.read(share.videoId), this.#store.has(share)]);
      const known = this.#deps.accounts.byId(record.input.accountId) !== null;
      if (!there || !known) throw new ApiError('share_not_found');
      const files = { video: fileOf(record, 'video'), thumbnail: fileOf(record, 'thumbnail') };
      return { share, video: record.video, files };
    } catch (error) {
      throw toApiError(error).status < 500 ? new ApiError('share_not_found') : error;
    }
  }
}

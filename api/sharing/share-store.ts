import { keys } from '../../storage/keys.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import { answerOfStore } from '../errors/store-errors.ts';
import { hasEnded, type Share } from './share.ts';

/** For how long one look answers all visitors, in ms: a link that another process has revoked may work for so much longer. */
const FRESH_MS = 1_000;

/** A share, and when it was made, unix seconds. */
export interface StoredShare extends Share {
  createdAt: number;
}

/**
 * The shares that are valid: one empty object for each beside its video's files, named after all that the share is. A removal or
 * the expiry of the video takes them with it.
 */
export class ShareStore {
  readonly #store: ObjectStore;
  readonly #known = new SingleFlightCache<{ there: boolean }>(FRESH_MS);

  constructor(artefacts: ObjectStore) {
    this.#store = artefacts;
  }

  /** @throws ApiError `storage_denied`, `service_unavailable` */
  async add(share: Share): Promise<StoredShare> {
    const { modifiedAt } = await answerOfStore(this.#store.put(keyOf(share), new Uint8Array()));
    return { ...share, createdAt: modifiedAt };
  }

  /** Those of a video that have not ended, newest first; the others are deleted. @throws as {@link add} */
  async list(videoId: string): Promise<StoredShare[]> {
    return await answerOfStore(this.#list(videoId));
  }

  async #list(videoId: string): Promise<StoredShare[]> {
    const found: StoredShare[] = [];
    for await (const { key, modifiedAt } of this.#store.list(keys.shares(videoId))) {
      const share = shareAt(videoId, key);
      if (share === null) continue;
      if (hasEnded(share)) await this.#store.delete(key);
      else found.push({ ...share, createdAt: modifiedAt });
    }
    return found.toSorted((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? -1 : 1));
  }

  /** Idempotent. @throws as {@link add} */
  async remove(share: Share): Promise<void> {
    await answerOfStore(this.#store.delete(keyOf(share)));
    this.#known.invalidate(keyOf(share));
  }

  /** Whether it is there still, at most a second ago. @throws as {@link add} */
  async has(share: Share): Promise<boolean> {
    const key = keyOf(share);
    const look = async () => ({ there: (await this.#store.head(key)) !== null });
    return (await answerOfStore(this.#known.get(key, look))).there;
  }
}

const keyOf = ({ id, videoId, expiresAt, showPrompt }: Share) =>
  keys.share(videoId, `${id}.${expiresAt}.${showPrompt ? 'prompt' : 'bare'}`);

/** Null for what is none. */
function shareAt(videoId: string, key: string): Share | null {
  const name = key.slice(keys.shares(videoId).length);
  const [, id, expiresAt, shown] = /^(share_[0-9a-f]{32})\.([1-9][0-9]{9,11})\.(prompt|bare)$/.exec(name) ?? [];
  return id === undefined ? null : { id, videoId, expiresAt: Number(expiresAt), showPrompt: shown === 'prompt' };
}

import { LRUCache } from 'lru-cache';
import type { StoredFile } from '../../contract/results.ts';
import { findMp4Comment, InvalidMp4Error } from '../../media/mp4-settings.ts';
import type { ByteRange, ObjectStore } from '../../storage/object-store.ts';
import { fromStore } from '../videos/send-file.ts';

/** Files of which it is kept where their settings lie. */
const KNOWN = 10_000;

/** Where an MP4 says what made it, its prompt too, which is not for all visitors. */
export class FileSettings {
  readonly #store: ObjectStore;
  readonly #known = new LRUCache<string, { range: ByteRange | null }>({ max: KNOWN });

  constructor(artefacts: ObjectStore) {
    this.#store = artefacts;
  }

  /** @returns null where it says nothing. @throws ApiError `video_expired`, `service_unavailable` */
  async of({ key, sha256 }: StoredFile): Promise<ByteRange | null> {
    const known = this.#known.get(sha256);
    if (known !== undefined) return known.range;
    const { body } = await fromStore(this.#store.get(key));
    const found = await findMp4Comment(body)
      .catch((error: unknown) => {
        // No reader finds anything in it.
        if (error instanceof InvalidMp4Error) return null;
        throw error;
      })
      .finally(() => body.destroy());
    const range = found && { start: found.start, end: found.start + found.bytes.length - 1 };
    this.#known.set(sha256, { range });
    return range;
  }
}

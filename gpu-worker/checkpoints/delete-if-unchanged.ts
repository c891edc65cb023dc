import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts';

/** Deletes what was stored too late, unless somebody else has stored it anew since. */
export async function takeBack(store: ObjectStore, { key, etag }: ObjectInfo): Promise<void> {
  if ((await store.head(key))?.etag === etag) await store.delete(key);
}

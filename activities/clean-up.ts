import { keys } from '../storage/keys.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { CleanUpOptions } from '../contract/activities.ts';

/** Deletes what the stores have of a video. Idempotent. */
export async function cleanUpVideo(
  { scratch, artefacts }: { scratch: ObjectStore; artefacts: ObjectStore },
  videoId: string,
  options: CleanUpOptions,
): Promise<void> {
  await scratch.deletePrefix(keys.prefix(videoId));
  if (options.artefacts) await artefacts.deletePrefix(keys.prefix(videoId));
  if (options.marksOf !== undefined) await artefacts.deletePrefix(keys.marks(options.marksOf, videoId));
}

import { ApiError } from '../errors/errors.ts';
import { madeAt } from '../jobs/video-object.ts';
import type { Marks } from '../marks/marks.ts';
import type { VideoCache } from './video-cache.ts';

/** By then Temporal lists a video, in ms. */
const LISTED_WITHIN_MS = 3_600_000;
/** Looked for after one list; the others are after the next. */
const AT_ONCE = 20;

/**
 * Takes the marks from videos that are gone: Temporal forgets a video some day without a removal, and its marks may be newer than its
 * expiry. Only where Temporal says so of each by its name.
 *
 * @param ids of marked videos that Temporal does not list
 */
export async function removeLostMarks(
  { cache, marks }: { cache: VideoCache; marks: Marks },
  accountId: string,
  ids: readonly string[],
): Promise<void> {
  const old = ids.filter((id) => !(madeAt(id) > Date.now() - LISTED_WITHIN_MS)).slice(0, AT_ONCE);
  for (const id of old) {
    try {
      await cache.read(id, { accountId });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'video_not_found') return;
      await marks.remove(accountId, id);
    }
  }
}

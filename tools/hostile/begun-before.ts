import type { WholeService } from '../harness/services/whole-service.ts';
import type { Experience } from './bystander.ts';

/**
 * How many videos of others began on a GPU after a video was asked for and before it began: the most of these videos.
 *
 * @returns null where the log does not tell of any of them
 */
export async function begunBefore(whole: WholeService, videos: Experience['videos']): Promise<number | null> {
  const begun = await whole.log('gpu-worker', '"msg":"Generating"');
  const counts = videos.flatMap(({ id, askedAt }) => {
    const own = begun.find(({ videoId }) => videoId === id);
    if (own === undefined) return [];
    return [begun.filter(({ videoId, time }) => videoId !== id && time > askedAt && time < own.time).length];
  });
  return counts.length === 0 ? null : Math.max(...counts);
}

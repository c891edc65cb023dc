import type { Video } from '../client/types.ts';
import { requestFailure } from './failures.ts';

/** Failures that are named, each with its video. */
const NAMED = 2;
/** Of a prompt, in characters. */
const LONGEST_NAME = 40;

/** `1 video`, `3 videos`, `3 new videos`. */
export const videosText = (count: number, kind = ''): string =>
  [count, kind, count === 1 ? 'video' : 'videos'].filter(Boolean).join(' ');

const nameOf = ({ prompt }: Video) =>
  `“${prompt.length > LONGEST_NAME ? `${prompt.slice(0, LONGEST_NAME).trimEnd()}…` : prompt}”`;

/**
 * What came of something that was done with several videos.
 *
 * @param done what was done, `starred`
 */
export function outcomeText(total: number, failed: { item: Video; error: unknown }[], done: string): string {
  if (failed.length === 0) return `${videosText(total)} ${done}.`;
  if (total === 1) return requestFailure(failed[0]!.error);
  const named = failed.slice(0, NAMED).map(({ item, error }) => `${nameOf(item)}: ${requestFailure(error)}`);
  const more = failed.length > NAMED ? [`And ${videosText(failed.length - NAMED)} more.`] : [];
  return [`${failed.length} of ${videosText(total)} could not be ${done}.`, ...named, ...more].join(' ');
}

import { z } from 'zod';
import { tagFilter } from '../marks/schema.ts';
import { GROUP_ID } from '../../contract/video-group.ts';
import { wordsOf } from '../../temporal/prompt-words.ts';
import { identifier, matching, oneOf, parseFields, text, whole, yesOrNo } from '../http/fields.ts';
import { type VideoStatusName, videoStatusSchema } from '../jobs/video-schema.ts';

const names = videoStatusSchema.options;

/** Of `q`, in characters. */
const LONGEST_SEARCH = 200;
const isSearch = (value: string) => value.length <= LONGEST_SEARCH && wordsOf(value).length > 0;

/** The query of `GET /v1/videos`. */
export const listVideosFields = z.object({
  limit: whole(1, 100, 'a whole number from 1 to 100'),
  after: matching(/^video_[0-9a-f]{32}$/, 'the id of a video, e.g. the last_id of the page before'),
  order: oneOf(['asc', 'desc'], 'asc or desc'),
  status: oneOf(names, `one of ${names.join(', ')}`),
  model: identifier('the id of a model'),
  group_id: matching(GROUP_ID, 'the id of a group, e.g. the group_id of a video'),
  q: text(
    isSearch,
    `words of the prompt or their beginnings, at most ${LONGEST_SEARCH} characters with a letter or digit among them`,
    { maxLength: LONGEST_SEARCH },
  ),
  size: matching(/^\d{1,6}x\d{1,6}$/, 'WIDTHxHEIGHT in pixels, e.g. 848x480'),
  starred: yesOrNo('true for videos with a star alone, or false'),
  tag: tagFilter,
  account: identifier('the id of an account'),
});

export interface ListVideosQuery {
  limit: number;
  after: string | null;
  order: 'asc' | 'desc';
  status?: VideoStatusName | undefined;
  model?: string | undefined;
  group_id?: string | undefined;
  /** Words: each begins one of the prompt. */
  q?: string | undefined;
  size?: string | undefined;
  /** Only those with a star. */
  starred?: boolean | undefined;
  /** Only those with all of these. */
  tag?: string[] | undefined;
  /** Of an admin's list; all accounts where it is left out. Others see their own, whatever they ask for. */
  account?: string | undefined;
}

/**
 * Checks a list's query; empty values are the same as absent ones.
 *
 * @throws ApiError `invalid_value` with `param`
 */
export function parseListVideos(query: Record<string, unknown>): ListVideosQuery {
  return { limit: 20, after: null, order: 'desc', ...parseFields(listVideosFields, query) };
}

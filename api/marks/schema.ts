import { z } from 'zod';
import { ACCOUNT_ID } from '../../platform/accounts/account.ts';
import { field, listedIn, matching, parseFields, yesOrNo } from '../http/fields.ts';
import { distinctTags, MOST_TAGS, TAG_CHARS, tagOf } from './tags.ts';

const EACH = `each of 1 to ${TAG_CHARS} characters, without commas and control characters`;
const items = { type: 'string' } as const;

/** Undefined where one of them can be no tag, or there are too many. */
function tagsIn(given: readonly unknown[]): string[] | undefined {
  const tags = given.map((one) => (typeof one === 'string' ? tagOf(one) : null));
  if (!tags.every((tag) => tag !== null)) return undefined;
  const distinct = distinctTags(tags);
  return distinct.length <= MOST_TAGS ? distinct : undefined;
}

/** The tags of a list's query: the field several times, or with commas in between. */
export const tagFilter = field(
  (value) => {
    const tags = tagsIn(listedIn(value) ?? []);
    return tags?.length === 0 ? undefined : tags;
  },
  `at most ${MOST_TAGS} tags, separated by commas or given one by one, ${EACH}; only videos with all of them are listed`,
  { type: ['array', 'string', 'null'], items },
).optional();

/** The fields of `POST /v1/videos/{id}`; in a form, tags are separated by commas. */
export const modifyVideoFields = z
  .object({
    starred: yesOrNo('true or false'),
    tags: field(
      (value) => {
        const given = typeof value === 'string' ? listedIn(value) : value;
        return Array.isArray(given) ? tagsIn(given) : undefined;
      },
      `a list of at most ${MOST_TAGS} tags, ${EACH}; it takes the place of all tags that the video has`,
      { type: ['array', 'string', 'null'], items },
    ).optional(),
  })
  .meta({ id: 'ModifyVideo' });

/** What is to be another one; what is left out stays as it is. */
export interface MarksChange {
  starred?: boolean | undefined;
  /** Each once, whatever its case. */
  tags?: string[] | undefined;
}

/** @throws ApiError `invalid_value` with `param` */
export const parseModifyVideo = (body: Record<string, unknown>): MarksChange => parseFields(modifyVideoFields, body);

/** The query of `GET /v1/tags`. */
export const listTagsFields = z.object({
  account: matching(ACCOUNT_ID, 'the id of an account'),
});

/** The tags of an account's videos: all of them are on one page. */
export const tagListSchema = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(
      z.strictObject({
        tag: z.string().meta({ description: 'As most of the videos have it: upper and lower case are one.' }),
        videos: z.int().min(1).meta({ description: 'How many videos have it.' }),
      }),
    ),
  })
  .meta({ id: 'TagList' });

export type TagList = z.infer<typeof tagListSchema>;

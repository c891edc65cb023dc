import { z } from 'zod';
import { parseFields, whole, yesOrNo } from '../http/fields.ts';

const DAY_S = 86_400;
const DEFAULT_S = 7 * DAY_S;
const LONGEST_S = 365 * DAY_S;

const seconds = (description: string) => z.int().meta({ description: `${description}, in Unix seconds.` });

/** The fields of `POST /v1/videos/{id}/share`. */
export const createShareFields = z
  .object({
    expires_in: whole(
      1,
      LONGEST_S,
      `whole seconds from 1 to ${LONGEST_S}, after which the link ends; ${DEFAULT_S}, a week, by default`,
    ),
    show_prompt: yesOrNo('true or false: whether visitors are shown the prompt; false by default'),
  })
  .meta({ id: 'CreateShare' });

export interface CreateShare {
  /** Seconds. */
  expiresIn: number;
  showPrompt: boolean;
}

/** @throws ApiError `invalid_value` with `param` */
export function parseCreateShare(body: Record<string, unknown>): CreateShare {
  const { expires_in = DEFAULT_S, show_prompt = false } = parseFields(createShareFields, body);
  return { expiresIn: expires_in, showPrompt: show_prompt };
}

/** A share link of a video. */
export const videoShareSchema = z
  .strictObject({
    id: z.string().meta({ description: 'For revoking it.', example: 'share_0123456789abcdef0123456789abcdef' }),
    object: z.literal('video.share'),
    video_id: z.string(),
    url: z
      .string()
      .meta({ description: 'The link, at the host that the request was sent to. Anyone with it can watch the video.' }),
    path: z.string().meta({ description: 'The same without the host, for services that are reached by several.' }),
    created_at: seconds('When it was made'),
    expires_at: seconds('When it ends: as asked for, or with the video if that is earlier'),
    show_prompt: z.boolean().meta({ description: 'Whether visitors are shown the prompt.' }),
  })
  .meta({ id: 'VideoShare' });

export type VideoShare = z.infer<typeof videoShareSchema>;

/** The share links of a video: all of them are on one page. */
export const videoShareListSchema = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(videoShareSchema),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.literal(false),
  })
  .meta({ id: 'VideoShareList' });

/** Response of a revocation. */
export const shareDeletedSchema = z
  .strictObject({ id: z.string(), object: z.literal('video.share.deleted'), deleted: z.literal(true) })
  .meta({ id: 'VideoShareDeleted' });

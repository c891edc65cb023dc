import { z } from 'zod';
import { ApiError } from '../errors/errors.ts';
import { field, listedIn, parseFields } from '../http/fields.ts';
import { isVideoId } from '../jobs/video-object.ts';

/** The most videos of an archive. */
const MOST_VIDEOS = 100;

/** The query of `GET /v1/videos/archive`. */
export const archiveFields = z.object({
  ids: field(
    (value) => {
      const ids = [...new Set(listedIn(value)?.map((id) => id.trim()))];
      return ids.length >= 1 && ids.length <= MOST_VIDEOS && ids.every(isVideoId) ? ids : undefined;
    },
    `the ids of 1 to ${MOST_VIDEOS} videos, separated by commas`,
    { type: ['array', 'string', 'null'], items: { type: 'string' } },
  ).optional(),
});

/** @returns each id once @throws ApiError `missing_required_parameter`, `invalid_value` with `param` */
export function parseArchive(query: Record<string, unknown>): string[] {
  const { ids } = parseFields(archiveFields, query);
  if (ids !== undefined) return ids;
  throw new ApiError('missing_required_parameter', {
    param: 'ids',
    message: 'ids is missing: name the videos, separated by commas.',
  });
}

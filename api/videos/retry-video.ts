import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';
import type { Viewer } from '../accounts/viewer.ts';
import { type Video, type VideoList, videoList } from '../jobs/video-schema.ts';
import type { Admission } from '../admission/admission.ts';
import { identifier, oneOf, parseFields, whole } from '../http/fields.ts';
import { ApiError } from '../errors/errors.ts';
import type { VideoService } from './video-service.ts';

/** The fields of `POST /v1/videos/retry`. */
export const retryVideosFields = z.object({
  error_code: oneOf(Object.keys(ERRORS) as ErrorCode[], "the code of a video's error, e.g. out_of_memory"),
  account: identifier('the id of an account'),
  limit: whole(1, 100, 'a whole number from 1 to 100'),
});

export interface RetryVideosQuery {
  /** Only videos that failed so; left out, all that were not cancelled. */
  errorCode: string | null;
  /** Only this account's. */
  account: string | undefined;
  limit: number;
}

/** @throws ApiError `invalid_value` with `param` */
export function parseRetryVideos(body: Record<string, unknown>): RetryVideosQuery {
  const { error_code = null, account, limit = 100 } = parseFields(retryVideosFields, body);
  return { errorCode: error_code, account, limit };
}

/** Earlier runs that a job knows of. */
const MOST_RUNS = 100;

export interface RetryDeps {
  videos: VideoService;
  admission: Admission;
}

/**
 * Makes a failed video once more where it would be let in as a new one of its account; its deadline begins anew.
 *
 * @throws ApiError `video_not_failed`, `video_not_found`, and what {@link Admission.admit} refuses it with
 */
export async function retryVideo({ videos, admission }: RetryDeps, videoId: string, viewer: Viewer): Promise<Video> {
  const { input, runId } = await videos.failed(videoId, viewer);
  const asked = { ...input, earlierRuns: [...(input.earlierRuns ?? []), runId].slice(-MOST_RUNS) };
  const how = { deadlineS: input.deadline?.seconds, resumes: true };
  return await admission.handle(input.accountId, async () => {
    const [record] = await admission.admit([asked], how, async ([again]) => [await videos.retry(again, viewer)]);
    return record!.video;
  });
}

/** Retries at the same time. */
const AT_ONCE = 10;
/** A video that is not let in now, or may not be made any more; one that has just been retried or deleted by another request. */
export const LEFT_OUT = [
  'rate_limit_exceeded',
  'queue_too_long',
  'prompt_refused',
  'video_not_failed',
  'video_not_found',
];

/**
 * Retries the oldest failed videos that are let in, as each of them alone would be. Who cancelled a video does not want it back,
 * unless that is asked for.
 *
 * @returns the videos as they stand now
 * @throws ApiError `permission_denied` unless the viewer is an admin, `service_unavailable`
 */
export async function retryFailed(
  deps: RetryDeps,
  { errorCode, account, limit }: RetryVideosQuery,
  viewer: Viewer,
): Promise<VideoList> {
  if (!viewer.admin) throw new ApiError('permission_denied');
  const wanted = ({ error }: Video) => (errorCode === null ? error?.code !== 'cancelled' : error?.code === errorCode);
  const retry = ({ id }: Video) =>
    retryVideo(deps, id, viewer).catch((error: unknown) => {
      if (error instanceof ApiError && LEFT_OUT.includes(error.code)) return null;
      throw error;
    });
  // One account's one after the other: where its limit lets only some in, these are the oldest.
  const retryInTurn = (videos: Video[]) => {
    const turns = new Map<string | null, Promise<unknown>>();
    return videos.map((video) => {
      const mine = Promise.resolve(turns.get(video.account)).then(() => retry(video));
      turns.set(video.account, mine);
      return mine;
    });
  };
  const retried: Video[] = [];
  for (let after: string | null = null; ;) {
    const page = await deps.videos.list({ status: 'failed', order: 'asc', limit: 100, account, after }, viewer);
    const found = page.data.filter(wanted);
    while (found.length > 0 && retried.length < limit) {
      const next = found.splice(0, Math.min(AT_ONCE, limit - retried.length));
      const answers = await Promise.all(retryInTurn(next));
      retried.push(...answers.filter((video) => video !== null));
    }
    if (!page.has_more || retried.length === limit) return videoList(retried, false);
    after = page.last_id;
  }
}

import { firstIdOf, GROUP_ID, idsOf } from '../../contract/video-group.ts';
import type { Viewer } from '../accounts/viewer.ts';
import { ApiError } from '../errors/errors.ts';
import { seenBy, type VideoRecord } from '../jobs/video-object.ts';
import { type Video, type VideoList, videoList } from '../jobs/video-schema.ts';
import { LEFT_OUT, retryVideo, type RetryDeps } from './retry-video.ts';
import type { VideoService } from './video-service.ts';

/**
 * The videos of a group that are still there, in its order.
 *
 * @param staleWhileRevalidate as in `ReadOptions`
 * @throws ApiError `group_not_found` (also of another account's), `rate_limit_exceeded`, `service_unavailable`
 */
export async function groupOf(
  videos: VideoService,
  groupId: string,
  viewer: Viewer,
  staleWhileRevalidate = false,
): Promise<VideoList> {
  const read = (videoId: string) => unlessGone(videos.get(videoId, viewer, staleWhileRevalidate));
  if (!GROUP_ID.test(groupId)) throw new ApiError('group_not_found');
  const first = await read(firstIdOf(groupId));
  const found = first === null ? await listed(videos, groupId, viewer) : await allOf(first, read);
  if (found.length === 0) throw new ApiError('group_not_found');
  return listOf(found, viewer);
}

/**
 * Asks every unfinished video of the group to stop.
 *
 * @returns the videos as they stand now
 * @throws as {@link groupOf}
 */
export async function cancelGroup(videos: VideoService, groupId: string, viewer: Viewer): Promise<VideoList> {
  const { data } = await groupOf(videos, groupId, viewer);
  const now = await Promise.all(data.map(({ id }) => unlessGone(videos.cancel(id, viewer))));
  return listOf(present(now), viewer);
}

/**
 * Makes the failed videos of a group once more, those that were cancelled too, one after the other: where only some are let in,
 * they are the first ones.
 *
 * @returns the videos as they stand now
 * @throws as {@link groupOf}, and what `retryVideo` refuses all of them with
 */
export async function retryGroup(deps: RetryDeps, groupId: string, viewer: Viewer): Promise<VideoList> {
  const { data } = await groupOf(deps.videos, groupId, viewer);
  const now: Video[] = [];
  const refusals: ApiError[] = [];
  let retried = 0;
  for (const video of data) {
    if (video.status !== 'failed') {
      now.push(video);
      continue;
    }
    try {
      now.push(await retryVideo(deps, video.id, viewer));
      retried++;
    } catch (error) {
      if (!(error instanceof ApiError) || !LEFT_OUT.includes(error.code)) throw error;
      refusals.push(error);
      if (error.code !== 'video_not_found') now.push(video);
    }
  }
  if (retried === 0 && refusals.length > 0) throw refusals[0]!;
  return listOf(now, viewer);
}

/** Not from Temporal's lists, which would be a moment behind. */
async function allOf(first: VideoRecord, read: (videoId: string) => Promise<VideoRecord | null>): Promise<Video[]> {
  if (first.input.group === undefined) return [];
  const [, ...others] = idsOf(first.input);
  return [first, ...present(await Promise.all(others.map(read)))].map(({ video }) => video);
}

/** What is left without the first video. */
async function listed(videos: VideoService, groupId: string, viewer: Viewer): Promise<Video[]> {
  const { data } = await videos.list({ group_id: groupId, limit: 100, after: null, order: 'asc' }, viewer);
  return data.toSorted((a, b) => a.group_index! - b.group_index!);
}

const listOf = (found: Video[], viewer: Viewer) =>
  videoList(
    found.map((video) => seenBy(viewer, video)),
    false,
  );

const present = <T>(found: (T | null)[]): T[] => found.filter((one) => one !== null);

/** Null where the video is not there, or not for this viewer. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'video_not_found') return null;
    throw error;
  }
}

import type { LRUCache } from 'lru-cache';
import type { GenerateVideoInput } from '../../contract/video-job.ts';
import type { Viewer } from '../accounts/viewer.ts';
import type { ListVideosQuery } from './list-schema.ts';
import { type Video, type VideoList, videoList } from '../jobs/video-schema.ts';
import type { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import type { Temporal } from '../jobs/temporal.ts';
import type { UnlistedVideos } from '../jobs/unlisted-videos.ts';
import { rememberedOutcome } from '../jobs/job-state.ts';
import type { VideoMarks } from '../marks/account-marks.ts';
import { rowsOfVideos } from './marked-rows.ts';
import { rowsInTimeWindows } from './time-windows.ts';
import { isFoundIn, wordsOf } from '../../temporal/prompt-words.ts';
import { createdAtOf, seenBy, videoObject } from '../jobs/video-object.ts';
import { justRemoved, type TimeWindow, type VideoFilter, type VideoRow } from './visibility.ts';

/** Where a list comes from. */
export interface ListSources {
  temporal: Temporal;
  unlisted: UnlistedVideos;
  /** The video as it stands; null where it is gone, or cannot be decrypted. */
  read: (videoId: string) => Promise<Video | null>;
  /** Ids of the videos that have the marks which the list is narrowed to, in any order; null where it is not. */
  marked: (() => Promise<string[]>) | null;
  /** Told of marked videos that Temporal does not list. */
  lost: (ids: string[]) => void;
  marksOf: (video: Video) => Promise<VideoMarks>;
  /** True for a video that was deleted and may still be listed. */
  isHidden: (videoId: string) => boolean;
  /** Videos that any process has just removed. */
  removed: SingleFlightCache<Set<string>>;
  /** How far the page went when it was last asked for, by question: a `created_at` in unix seconds. */
  reaches: LRUCache<string, number>;
}

/** The part of a page by which it reaches further than it must: videos may be deleted until it is asked for again. */
const SPARE = 0.5;

/**
 * A page of videos, in the order of `created_at` and, within a second, of ids. Stable while videos come and go: a page
 * begins after an id, whether its video still exists or not.
 *
 * @throws ApiError `service_unavailable`
 */
export async function listVideos(sources: ListSources, query: ListVideosQuery, viewer: Viewer): Promise<VideoList> {
  const accountId = viewer.admin ? query.account : viewer.accountId;
  const { model, status, group_id: groupId, size, q } = query;
  const filter: VideoFilter = { accountId, model, status, groupId, size, words: wordsOf(q ?? '') };
  const removed = await sources.removed.get('', () => sources.temporal.call(justRemoved));
  const { order, limit, after } = query;
  const enoughUpTo = sources.reaches.get(questionOf(filter, query));
  const data: Video[] = [];
  const found: string[] = [];
  const marked = sources.marked && inOrder(await sources.marked(), query);
  const pieces = marked
    ? rowsOfVideos(sources.temporal, filter, marked, sources.lost)
    : rowsInTimeWindows(sources.temporal, { filter, order, limit, after, enoughUpTo });
  for await (const { window, rows, among } of pieces) {
    const known = new Map<string, VideoRow | null>(rows.map((row) => [row.videoId, row]));
    for (const { input } of sources.unlisted.videos()) {
      const { videoId } = input;
      if (!known.has(videoId) && (among?.has(videoId) ?? true) && fits(input, filter, window)) known.set(videoId, null);
    }
    const ids = inOrder([...known.keys()], query);
    found.push(...ids);
    while (ids.length > 0 && data.length <= query.limit) {
      const videos = await Promise.all(
        ids.splice(0, query.limit + 1 - data.length).map(async (id) => {
          if (removed.has(id) || sources.isHidden(id)) return null;
          const row = known.get(id)!;
          if (row !== null && !isFoundIn(row.memo.input.spec.prompt, filter.words)) return null;
          return settledVideo(row, query) ?? (await sources.read(id));
        }),
      );
      for (const video of videos) {
        if (video !== null && (query.status ?? video.status) === video.status) data.push(video);
      }
    }
    if (data.length > query.limit) break;
  }
  const shown = await Promise.all(
    data.slice(0, query.limit).map(async (video) => seenBy(viewer, { ...video, ...(await sources.marksOf(video)) })),
  );
  const hasMore = data.length > query.limit;
  if (marked) return videoList(shown, hasMore);
  if (hasMore) rememberReach(sources.reaches, filter, query, { shown, found });
  else sources.reaches.delete(questionOf(filter, query));
  return videoList(shown, hasMore);
}

/** Notes how far this page went, and how far the next one probably goes. @param found ids in order, at least those shown */
function rememberReach(
  reaches: ListSources['reaches'],
  filter: VideoFilter,
  query: ListVideosQuery,
  { shown, found }: { shown: Video[]; found: string[] },
): void {
  const last = shown.at(-1)!.id;
  const at = found.indexOf(last);
  const spare = Math.ceil(SPARE * query.limit);
  const note = (after: string | null, createdAt: number) => {
    // Others than the API may have made ids without a time.
    if (Number.isFinite(createdAt)) reaches.set(questionOf(filter, { ...query, after }), createdAt);
  };
  note(query.after, createdAtOf(found[at + spare] ?? found.at(-1)!));
  const next = found[at + query.limit + spare];
  // Where it is not seen yet, it is thought to be as long as this one.
  const end = createdAtOf(last);
  const further = Math.round((1 + SPARE) * (end - createdAtOf(shown[0]!.id)));
  note(last, next === undefined ? end + further : createdAtOf(next));
}

const questionOf = (filter: VideoFilter, { order, after, limit }: ListVideosQuery) =>
  JSON.stringify([filter, order, after, limit]);

/** Ids begin with the time in ms: their order is that of `created_at` and then of ids. */
function inOrder(ids: string[], { order, after }: ListVideosQuery): string[] {
  const sorted = ids.toSorted();
  if (order === 'desc') sorted.reverse();
  return after === null ? sorted : sorted.filter((id) => (order === 'desc' ? id < after : id > after));
}

const fits = (
  { accountId, videoId, spec, group }: GenerateVideoInput,
  filter: VideoFilter,
  { from, to }: TimeWindow,
): boolean =>
  (filter.accountId ?? accountId) === accountId &&
  (filter.model ?? spec.model) === spec.model &&
  (filter.groupId ?? group?.id) === group?.id &&
  (filter.size ?? `${spec.width}x${spec.height}`) === `${spec.width}x${spec.height}` &&
  // The read that follows sees how it stands.
  createdAtOf(videoId) >= from &&
  createdAtOf(videoId) < to &&
  isFoundIn(spec.prompt, filter.words);

/** A video whose row says all. Among failed runs alone there may be one whose video was retried since. */
function settledVideo(row: VideoRow | null, { status }: ListVideosQuery): Video | null {
  if (row === null || row.running || status === 'failed') return null;
  const outcome = rememberedOutcome(row.memo);
  return outcome && videoObject(row.memo.input, outcome.state);
}

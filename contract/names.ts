import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Names under which processes find one another in Temporal and Prometheus: changing one orphans what runs. */

/**
 * Task queues. Only `generate` runs on `gpu`, and only `exportVideo` on `exports`, so that no video waits behind exports;
 * workflows and everything else run on `cpu`. CPU workers serve both of theirs.
 */
export const TASK_QUEUES = { cpu: 'cpu', gpu: 'gpu', exports: 'exports' } as const;

/** Workflow type. The workflow id is the video id, so a second start of one video is refused by Temporal. */
export const GENERATE_VIDEO = 'generateVideo';

/** Signal without arguments: stop, free the GPU within one denoising step, end as `cancelled`. */
export const CANCEL_SIGNAL = 'cancel';

/** Signal without arguments: as a cancel, and the video is no longer shown from now on; at its end it is removed. */
export const DELETE_SIGNAL = 'delete';

/** Query answered with a `VideoStatus`. */
export const STATUS_QUERY = 'status';

/**
 * Workflow type, argument the video's id, started under that id once the video's own workflow has ended: deletes its
 * files and forgets it.
 */
export const REMOVE_VIDEO = 'removeVideo';

/** Workflow type, argument the video's id: deletes the scratch files of a finished video that could not be deleted at once. */
export const CLEAN_UP_LATER = 'cleanUpLater';

/** Workflow type, argument an `ExportInput`: makes another form of a finished video. */
export const EXPORT_VIDEO = 'exportVideo';

/** Workflow type of the schedule that removes the files of videos whose time is over. */
export const EXPIRE_VIDEOS = 'expireVideos';

/** Workflow type that never begins: that it is there under its id is what counts. Deleted when it has served its purpose. */
export const RESERVATION = 'reservation';

/** Workflow type without work: its id was a request's idempotency key, its memo what that request started. No longer started. */
export const REMEMBER_REQUEST = 'rememberRequest';

/** Seconds from a video's start to its completion; Prometheus gets the unit appended. */
export const VIDEO_SECONDS = 'kinora_video';

/**
 * Custom search attributes and their types. `CreatedAt` is the video's `created_at`, by which it is listed; `Words` is what its
 * prompt is found by (temporal/word-entries.ts).
 */
export const SEARCH_ATTRIBUTES = {
  AccountId: 'Keyword',
  Stage: 'Keyword',
  Model: 'Keyword',
  CreatedAt: 'Datetime',
  ExpiresAt: 'Datetime',
  Overdue: 'Bool',
  IdempotencyKey: 'Keyword',
  GroupId: 'Keyword',
  Size: 'Keyword',
  Words: 'KeywordList',
} as const;

const TYPES = {
  Keyword: SearchAttributeType.KEYWORD,
  KeywordList: SearchAttributeType.KEYWORD_LIST,
  Datetime: SearchAttributeType.DATETIME,
  Bool: SearchAttributeType.BOOL,
} as const;

/** The key of a search attribute, by which it is set and read with its type. */
export const attributeKey = <N extends keyof typeof SEARCH_ATTRIBUTES>(name: N) =>
  defineSearchAttributeKey<(typeof TYPES)[(typeof SEARCH_ATTRIBUTES)[N]]>(name, TYPES[SEARCH_ATTRIBUTES[name]]);

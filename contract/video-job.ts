import type { ErrorCode } from './errors.ts';
import type { GenerateVideoResult } from './results.ts';

/** What a video job is asked for with, and what is kept of it in Temporal. */

/** Short jobs go before long ones. */
export type JobClass = 'short' | 'long';

/** Stage that a job is in; the value of the search attribute `Stage`. */
export type Stage =
  'queued' | 'validating' | 'generating' | 'encoding' | 'uploading' | 'completed' | 'failed' | 'cancelled' | 'deleted';

/** Everything that decides the pixels of a finished video. One spec and one model: the same frames, byte for byte. */
export interface VideoSpec {
  prompt: string;
  /** Empty means the model's unconditional text. */
  negativePrompt: string;
  /** Model id as in the profile, e.g. `mochi-tiny`. */
  model: string;
  /** Pixels of the finished video. */
  width: number;
  height: number;
  /** Frames of the finished video, at least 1; the model makes {@link generatedShape} and the rest is trimmed. */
  numFrames: number;
  /** Frames a second. */
  fps: number;
  /** 0 .. 2^53 - 1. */
  seed: number;
  numInferenceSteps: number;
  /** Above 1 the negative prompt is used too. */
  guidanceScale: number;
  /** Share of the steps after which guidance begins. @default 0 */
  guidanceStart?: number;
  /** Share of the steps after which guidance ends. @default 1 */
  guidanceStop?: number;
}

/** What the model has to make so that the spec can be cut out of it: Mochi's lattice of 16 pixels and 6k + 1 frames. */
export function generatedShape(spec: Pick<VideoSpec, 'width' | 'height' | 'numFrames'>): {
  width: number;
  height: number;
  numFrames: number;
} {
  const up = (value: number, multiple: number) => Math.ceil(value / multiple) * multiple;
  return { width: up(spec.width, 16), height: up(spec.height, 16), numFrames: up(spec.numFrames - 1, 6) + 1 };
}

/** A name that is taken: the workflow of type {@link RESERVATION} that has it. */
export interface Reservation {
  workflowId: string;
  runId: string;
}

/** One of the unfinished videos that an account may have. */
export interface Slot extends Reservation {
  /** From 0 on. */
  number: number;
}

/** What a request with an idempotency key is known by, as SHA-256 in hex: nothing of what it says can be read from it. */
export interface RequestKey {
  /** Of account and key. */
  key: string;
  /** Of these and the fields as the schema gives them, in its order: JSON and a form that mean the same are the same. */
  digest: string;
}

/** Which of several videos of one request it is. */
export interface VideoGroup {
  /** `group_`, and what the id of its first video has after `video_`. */
  id: string;
  /** Its place in the group, from 0 on. */
  index: number;
  /** With the first video only, whose start stands for that of all: what each other one has of its own, in order. */
  others?: OtherVideo[];
}

/** What a video of a group has of its own; the rest is as with the first one. */
export type OtherVideo = Pick<GenerateVideoInput, 'videoId' | 'slot' | 'estimate' | 'overdueAt'> & { seed: number };

/** Argument of the workflow; also kept in its memo, so that a describe call is enough to show the video. */
export interface GenerateVideoInput {
  videoId: string;
  accountId: string;
  spec: VideoSpec;
  /** What its user wrote, of which the prompt is another wording. @default the prompt */
  originalPrompt?: string;
  /** Said to the user with the video, e.g. that the clip is longer than the model was trained on. */
  warnings: string[];
  /** Unix seconds. */
  createdAt: number;
  /** Seconds after its end, good or bad, for which the video's files are kept. @default for as long as the video */
  keepS?: number;
  /** Whether others should not have to wait for it. @default 'short' */
  jobClass?: JobClass;
  /** When it is given up; in unix seconds, and in seconds from the request. @default never */
  deadline?: { at: number; seconds: number };
  /** What was expected when it was asked for. @default nothing was known */
  estimate?: JobEstimate;
  /** When it has taken so much longer than expected that an operator should check, unix seconds. @default never */
  overdueAt?: number;
  /** What it takes of its account's limits while it is unfinished. @default nothing */
  slot?: Slot;
  /** Of the request that asked for it. @default it had no key */
  request?: RequestKey;
  /** Id of the video whose settings it has. @default it has settings of its own */
  remixedFrom?: string;
  /** Set where it is one of several videos of one request. @default it is a single one */
  group?: VideoGroup;
  /** Earlier runs of the video, which failed. @default none */
  earlierRuns?: string[];
}

/** What a job was expected to take, in seconds. */
export interface JobEstimate {
  /** From the moment that a device begins with it. */
  workS: number;
  /** From the request. */
  totalS: number;
  /** Seconds of these until a GPU begins with it. */
  waitS: number;
  /** When this was said, unix seconds. */
  at: number;
  /** It rests on finished jobs, not on what is assumed of such devices. */
  measured: boolean;
}

/** Memo of the workflow: all that a list needs, so that no history need be read. */
export interface VideoMemo {
  input: GenerateVideoInput;
  /** Once the video is completed. */
  result?: GenerateVideoResult;
  /** Once it has failed or was cancelled. */
  failure?: { code: ErrorCode; message: string };
}

/** Answer of the query `status`. */
export interface VideoStatus {
  stage: Stage;
  /** A cancel has been asked for; the job may still be giving the device back. */
  cancelRequested: boolean;
}

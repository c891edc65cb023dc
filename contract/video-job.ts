import type { ErrorCode } from './errors.ts';

/**
 * What every folder shares about a video job: names, inputs, results. Plain types and constants, no I/O, so that the
 * deterministic workflow, the API and both workers can all import it.
 */

/** Task queues. Workflows and everything but `generate` run on `cpu`; only `generate` runs on `gpu`. */
export const TASK_QUEUES = { cpu: 'cpu', gpu: 'gpu' } as const;

/** Short jobs go before long ones. */
export type JobClass = 'short' | 'long';

/** Workflow type. The workflow id is the video id, so a second start of one video is refused by Temporal. */
export const GENERATE_VIDEO = 'generateVideo';

/** Signal without arguments: stop, free the GPU within one denoising step, end as `cancelled`. */
export const CANCEL_SIGNAL = 'cancel';

/** Signal without arguments: as a cancel, and the video is no longer shown from now on; at its end it is removed. */
export const DELETE_SIGNAL = 'delete';

/**
 * Workflow type, argument the video's id, started under that id once the video's own workflow has ended: deletes its
 * files and forgets it.
 */
export const REMOVE_VIDEO = 'removeVideo';

/** Workflow type, argument the video's id: deletes the scratch files of a finished video that could not be deleted at once. */
export const CLEAN_UP_LATER = 'cleanUpLater';

/** Workflow type without work: its id was a request's idempotency key, its memo what that request started. No longer started. */
export const REMEMBER_REQUEST = 'rememberRequest';

/** Workflow type that never begins: that it is there under its id is what counts. Deleted when it has served its purpose. */
export const RESERVATION = 'reservation';

/** Workflow type of the schedule that removes the files of videos whose time is over. */
export const EXPIRE_VIDEOS = 'expireVideos';

/** Query answered with a {@link VideoStatus}. */
export const STATUS_QUERY = 'status';

/** Custom search attributes and their types. `CreatedAt` is the video's `created_at`, by which it is listed. */
export const SEARCH_ATTRIBUTES = {
  AccountId: 'Keyword',
  Stage: 'Keyword',
  Model: 'Keyword',
  CreatedAt: 'Datetime',
  ExpiresAt: 'Datetime',
  Overdue: 'Bool',
  IdempotencyKey: 'Keyword',
} as const;

/** Where a job stands; the value of the search attribute `Stage`. */
const STAGES = [
  'queued',
  'validating',
  'generating',
  'encoding',
  'uploading',
  'completed',
  'failed',
  'cancelled',
  'deleted',
] as const;
export type Stage = (typeof STAGES)[number];

/** Everything that decides the pixels of a finished video. One spec and one model: the same file, byte for byte. */
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

/** Argument of the workflow; also kept in its memo, so that a describe call is enough to show the video. */
export interface GenerateVideoInput {
  videoId: string;
  accountId: string;
  spec: VideoSpec;
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
  /** When it has taken so much longer than expected that somebody should look, unix seconds. @default never */
  overdueAt?: number;
  /** What it takes of its account's limits while it is unfinished. @default nothing */
  slot?: Slot;
  /** Of the request that asked for it. @default it had no key */
  request?: RequestKey;
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

/** Heartbeat details of `generate`: numbers and one key, never bytes. The next attempt resumes from it. */
export interface GenerateHeartbeat {
  phase: GeneratePhase;
  /** Denoising steps finished, by the attempt that came furthest, and in all: never falls, not even after a resume. */
  step: number;
  steps: number;
  /** Frames decoded, and in all (generated frames, before trimming). */
  frames: number;
  totalFrames: number;
  /** Scratch key of the newest checkpoint and the step that it was taken after; null before the first one. */
  checkpointKey: string | null;
  checkpointStep: number;
  /** Step that the newest stored preview shows; null before the first one. */
  previewStep: number | null;
  /** Estimated seconds until this activity ends; null while unknown. */
  etaSeconds: number | null;
  /** Attempt that sent this. */
  attempt: number;
  /** Step that this attempt went on from. @default unknown: a worker of an earlier version sent it */
  fromStep?: number;
  /** Attempts in a row that ended without a word (killed, crashed or hung) and got no further, this one not counted. */
  crashes: number;
  /** True once the attempt has ended in an orderly way, e.g. handed over at SIGTERM. */
  clean: boolean;
}
export type GeneratePhase = 'loading' | 'encoding_text' | 'denoising' | 'decoding';

export interface ValidateResult {
  /** Valid tokens, `</s>` included. */
  promptTokens: number;
  negativePromptTokens: number;
  warnings: string[];
}

export interface GenerateResult {
  /** Scratch key of the lossless frames (FFV1 in Matroska, RGB, generated shape, untrimmed). */
  framesKey: string;
  /** SHA-256 of all RGB bytes of the frames, hex, as `LosslessWriter.finish()` returns it; encode compares with it. */
  framesSha256: string;
  /** As in {@link generatedShape}. */
  width: number;
  height: number;
  numFrames: number;
  /** Seconds of work on the device in the attempt that finished, and what earlier attempts' checkpoints carried over. */
  inferenceTimeS: number;
  peakMemoryMb: number;
  /** Step from which the finishing attempt started; 0 for an undisturbed one. */
  resumedFromStep: number;
  /** E.g. `cpu` or `cuda:0,cuda:1`. */
  device: string;
  timing: GenerateTiming;
}

/** What `generate` took, in seconds; what earlier attempts' checkpoints carried over is part of it. */
export interface GenerateTiming {
  /** `cpu`, or how many GPUs of which name, e.g. `2x NVIDIA H100 80GB HBM3`: jobs on the same kind compare. */
  deviceKind: string;
  /** Until the device began: looking for checkpoints, and loading the weights again where they were lost. */
  loadS: number;
  /** Text and denoising steps. */
  denoiseS: number;
  /** From the last step until the frames were stored. */
  decodeS: number;
}

/** What a job took. */
export interface JobTiming extends GenerateTiming {
  /** From the stored frames to the published files. */
  publishS: number;
}

/** A file in one of the two stores. */
export interface StoredFile {
  key: string;
  bytes: number;
  /** Hex. */
  sha256: string;
  contentType: string;
}

export type Variant = 'video' | 'thumbnail' | 'spritesheet';

/** Files in the scratch store, ready to be published. */
export type EncodeResult = Record<Variant, StoredFile>;

export interface UploadResult {
  /** Files in the artefact store. */
  artefacts: Record<Variant, StoredFile>;
}

/** Result of the workflow. */
export interface GenerateVideoResult extends UploadResult {
  inferenceTimeS: number;
  peakMemoryMb: number;
  warnings: string[];
  /** Unix seconds. */
  completedAt: number;
  /** Unix seconds from which on the files are removed; null: with the video. */
  expiresAt: number | null;
  timing: JobTiming;
}

/** Answer of the query `status`. */
export interface VideoStatus {
  stage: Stage;
  /** A cancel has been asked for; the job may still be giving the device back. */
  cancelRequested: boolean;
}

/** Activities on the queue `cpu`. Each is idempotent: run twice, or by two workers at once, the result is the same. */
export interface CpuActivities {
  validate(input: GenerateVideoInput): Promise<ValidateResult>;
  encode(input: GenerateVideoInput, generated: GenerateResult): Promise<EncodeResult>;
  upload(input: GenerateVideoInput, encoded: EncodeResult): Promise<UploadResult>;
  /** Deletes the job's scratch files; `artefacts` too where the job did not complete. */
  cleanUp(videoId: string, options: { artefacts: boolean }): Promise<void>;
}

/** Activities of a removal, on the queue `cpu`; idempotent as well. */
export interface RemovalActivities {
  /**
   * Removes the ended runs of the video's workflow from Temporal, and what was noted of the request for it.
   *
   * @param runs those that are known, listed or not @default none
   */
  forgetVideo(videoId: string, runs?: string[]): Promise<void>;
}

/** Activities about reservations, on the queue `cpu`; idempotent as well. */
export interface ReservationActivities {
  /** Gives back what a video took of its account's limits. A local activity. */
  releaseSlot(slot: Slot): Promise<void>;
  /** Deletes the reservations of videos that have ended without it, or that Temporal lists by now. */
  sweepReservations(): Promise<void>;
}

/** Activity of the expiry, on the queue `cpu`; idempotent as well. */
export interface ExpiryActivities {
  /**
   * Deletes the files of the videos that expired since, but not the videos.
   *
   * @param since unix seconds of the last expiry; null before the first one
   * @returns unix seconds up to which everything has been removed
   */
  removeExpired(since: number | null): Promise<number>;
}

/** Activities on the queue `gpu`. */
export interface GpuActivities {
  generate(input: GenerateVideoInput): Promise<GenerateResult>;
}

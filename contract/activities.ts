import type { ExportInput } from './exports.ts';
import type { EncodeResult, GenerateResult, StoredFile, UploadResult, ValidateResult } from './results.ts';
import type { GenerateVideoInput, Slot } from './video-job.ts';
import type { WebhookDelivery, WebhookEvent } from './webhook-event.ts';

/** What is deleted beside a job's scratch files. */
export interface CleanUpOptions {
  /** The finished files, where the job did not complete or its video is removed. */
  artefacts: boolean;
  /** Account whose video it is: its star and tags, where the video is removed. @default they stay */
  marksOf?: string;
}

/** Activities on the queue `cpu`. Each is idempotent: run twice, or by two workers at once, the result is the same. */
export interface CpuActivities {
  validate(input: GenerateVideoInput): Promise<ValidateResult>;
  encode(input: GenerateVideoInput, generated: GenerateResult): Promise<EncodeResult>;
  upload(input: GenerateVideoInput, encoded: EncodeResult): Promise<UploadResult>;
  /** Deletes the job's scratch files, and more where it is asked for. */
  cleanUp(videoId: string, options: CleanUpOptions): Promise<void>;
}

/** Activities on the queue `gpu`. */
export interface GpuActivities {
  generate(input: GenerateVideoInput): Promise<GenerateResult>;
}

/** Activity on the queue `exports`; idempotent as well. */
export interface ExportActivities {
  /** @throws `video_expired` where the video's files are gone; then nothing is left of the export either */
  makeExport(input: ExportInput): Promise<StoredFile>;
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

/** Activity of a group of videos, on the queue `cpu`; idempotent as well. */
export interface GroupActivities {
  /** Starts the videos that belong to this first one and are not started yet. A local activity. */
  startOthers(first: GenerateVideoInput): Promise<void>;
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

/** Activities about webhooks, on the queue `cpu`. */
export interface WebhookActivities {
  /** Whether an account is to be told anything. Answered from memory: a local activity. */
  wantsWebhook(accountId: string): Promise<boolean>;
  /** Posts the message, signed; idempotent as far as the receiver knows the event's id. */
  postWebhook(event: WebhookEvent): Promise<WebhookDelivery>;
}

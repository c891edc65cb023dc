import type { ErrorCode } from '../../contract/errors.ts';
import type { Viewer } from '../accounts/viewer.ts';
import { specFields } from '../../contract/video-settings.ts';
import type { Phase, Video, VideoStatusName } from './video-schema.ts';
import type { GenerateVideoInput } from '../../contract/video-job.ts';
import type { GenerateVideoResult } from '../../contract/results.ts';
import { randomBytes } from 'node:crypto';

/** What changes in a video while it is made. */
export interface JobState {
  status: VideoStatusName;
  phase: Phase;
  /** Percent, an integer; 100 only when completed. */
  progress: number;
  /** Denoising steps finished, and in all; null while no worker has said. */
  step: number | null;
  steps: number | null;
  /** Step that the newest preview shows; null while there is none, and once the frames are made. */
  previewStep: number | null;
  /** 1 is the next to begin; null unless queued, and while nothing is known of the queue. */
  queuePosition: number | null;
  /** Estimated seconds until it is completed; null while unknown, and once it is final. */
  etaSeconds: number | null;
  /** Unix seconds; null unless completed. */
  completedAt: number | null;
  /** Unix seconds from which on its files are removed; null while that is not known. */
  expiresAt: number | null;
  error: { code: ErrorCode; message: string } | null;
  inferenceTimeS: number | null;
  peakMemoryMb: number | null;
  warnings: string[];
}

/** State of a job of which nothing is known but that it waits. */
export const QUEUED: JobState = {
  status: 'queued',
  phase: 'queued',
  progress: 0,
  step: null,
  steps: null,
  previewStep: null,
  queuePosition: null,
  etaSeconds: null,
  completedAt: null,
  expiresAt: null,
  error: null,
  inferenceTimeS: null,
  peakMemoryMb: null,
  warnings: [],
};

/** The video as clients see it, once it has gone through {@link seenBy}. */
export function videoObject(input: GenerateVideoInput, state: JobState): Video {
  const { videoId, spec, createdAt } = input;
  return {
    id: videoId,
    object: 'video',
    status: state.status,
    progress: state.progress,
    prompt: spec.prompt,
    ...specFields(spec),
    created_at: createdAt,
    completed_at: state.completedAt,
    expires_at: state.expiresAt,
    error: state.error,
    remixed_from_video_id: input.remixedFrom ?? null,
    group_id: input.group?.id ?? null,
    group_index: input.group?.index ?? null,
    account: input.accountId,
    // Kept apart from the job: who answers a viewer adds them.
    starred: false,
    tags: [],
    phase: state.phase,
    step: state.step,
    steps: state.steps,
    preview_step: state.previewStep,
    queue_position: state.queuePosition,
    deadline_at: input.deadline?.at ?? null,
    overdue: isOverdue(input, state),
    eta_seconds: state.etaSeconds === null ? null : roundedS(state.etaSeconds),
    negative_prompt: spec.negativePrompt === '' ? null : spec.negativePrompt,
    original_prompt: input.originalPrompt ?? null,
    inference_time_s: state.inferenceTimeS,
    peak_memory_mb: state.peakMemoryMb,
    warnings: state.warnings,
  };
}

/** The video as this viewer may see it: only admins are told whose it is. */
export const seenBy = ({ admin }: Viewer, video: Video): Video => (admin ? video : { ...video, account: null });

function isOverdue({ overdueAt }: GenerateVideoInput, { status }: JobState): boolean {
  return overdueAt !== undefined && status !== 'completed' && status !== 'failed' && Date.now() / 1000 > overdueAt;
}

/** A video, what was asked for, and where its files are once it is completed. */
export interface VideoRecord {
  /** The newest run of its workflow. */
  runId: string;
  input: GenerateVideoInput;
  video: Video;
  result: GenerateVideoResult | null;
}

/**
 * A new id: `video_`, twelve hex digits of the time in ms, twenty random ones. Ids sort by time of creation and cannot be
 * guessed; a list that ends at a deleted video can still go on from its id.
 */
export function newVideoId(now: number = Date.now()): string {
  return `video_${now.toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;
}

/** The ids of videos that are created together, each as {@link newVideoId} makes it, in ascending order: lists keep it. */
export function newVideoIds(n: number, now: number = Date.now()): [string, ...string[]] {
  const [first, ...others] = Array.from({ length: n }, () => newVideoId(now)).toSorted();
  return [first!, ...others];
}

/** False for what cannot be the id of a video, of any version: other workflows' ids must not be reachable. */
export const isVideoId = (id: string): boolean => /^video_[A-Za-z0-9_-]{1,100}$/.test(id);

/** When {@link newVideoId} made the id, ms since 1970. */
export const madeAt = (id: string): number => Number.parseInt(id.slice(6, 18), 16);

/** The same in unix seconds. */
export const createdAtOf = (id: string): number => Math.floor(madeAt(id) / 1000);

/** As people say it, so that it does not change with every read: whole seconds, 5 s from a minute on, 30 s from ten. */
export function roundedS(seconds: number): number {
  const unit = seconds < 60 ? 1 : seconds < 600 ? 5 : 30;
  return Math.ceil(seconds / unit) * unit;
}

import type { GenerateVideoInput } from '../../workflows/contract.ts';
import type { ErrorCode } from '../../workflows/errors.ts';
import { secondsOf } from '../mapping/length.ts';

/** The only four; a fifth would hang clients that poll for the last two. */
export type VideoStatusName = 'queued' | 'in_progress' | 'completed' | 'failed';

/** What a job is doing, for people. */
export type Phase =
  | 'queued'
  | 'validating'
  | 'loading'
  | 'encoding_text'
  | 'denoising'
  | 'decoding'
  | 'encoding'
  | 'uploading'
  | 'cancelling'
  | 'completed'
  | 'failed';

/** What changes in a video while it is made. */
export interface JobState {
  status: VideoStatusName;
  phase: Phase;
  /** Percent, an integer; 100 only when completed. */
  progress: number;
  /** Denoising steps finished, and in all; null while no worker has said. */
  step: number | null;
  steps: number | null;
  /** Estimated seconds until the frames are made; null while unknown. */
  etaSeconds: number | null;
  /** Unix seconds; null unless completed. */
  completedAt: number | null;
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
  etaSeconds: null,
  completedAt: null,
  error: null,
  inferenceTimeS: null,
  peakMemoryMb: null,
  warnings: [],
};

/** OpenAI's Video: its thirteen keys, always all of them, and what helps beyond them. */
export interface Video {
  id: string;
  object: 'video';
  status: VideoStatusName;
  progress: number;
  prompt: string;
  model: string;
  /** `WxH`. */
  size: string;
  /** Real length. */
  seconds: string;
  /** Unix seconds, as the next two. */
  created_at: number;
  completed_at: number | null;
  expires_at: number | null;
  error: { code: ErrorCode; message: string } | null;
  remixed_from_video_id: null;

  phase: Phase;
  step: number | null;
  steps: number | null;
  eta_seconds: number | null;
  seed: number;
  fps: number;
  num_frames: number;
  num_inference_steps: number;
  guidance_scale: number;
  negative_prompt: string | null;
  inference_time_s: number | null;
  peak_memory_mb: number | null;
  warnings: string[];
}

/** The video as clients see it. */
export function videoObject({ videoId, spec, createdAt }: GenerateVideoInput, state: JobState): Video {
  return {
    id: videoId,
    object: 'video',
    status: state.status,
    progress: state.progress,
    prompt: spec.prompt,
    model: spec.model,
    size: `${spec.width}x${spec.height}`,
    seconds: secondsOf(spec.numFrames, spec.fps),
    created_at: createdAt,
    completed_at: state.completedAt,
    expires_at: null,
    error: state.error,
    remixed_from_video_id: null,
    phase: state.phase,
    step: state.step,
    steps: state.steps,
    eta_seconds: state.etaSeconds,
    seed: spec.seed,
    fps: spec.fps,
    num_frames: spec.numFrames,
    num_inference_steps: spec.numInferenceSteps,
    guidance_scale: spec.guidanceScale,
    negative_prompt: spec.negativePrompt === '' ? null : spec.negativePrompt,
    inference_time_s: state.inferenceTimeS,
    peak_memory_mb: state.peakMemoryMb,
    warnings: state.warnings,
  };
}

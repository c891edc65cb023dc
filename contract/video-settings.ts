import { secondsOf } from './shape.ts';
import type { GenerateVideoInput, VideoSpec } from './video-job.ts';

/** What the JSON in a finished MP4 calls itself, and the number that goes up where old readers would misread it. */
export const SETTINGS_SCHEMA = 'kinora.video-settings';
export const SETTINGS_VERSION = 1;

/** The settings of a video but for its texts, under the names that the API gives them. */
export interface SpecFields {
  model: string;
  /** `WxH` in pixels. */
  size: string;
  /** To the millisecond: asked for with `fps`, it gives as many frames again. */
  seconds: string;
  fps: number;
  num_frames: number;
  num_inference_steps: number;
  guidance_scale: number;
  guidance_start: number;
  guidance_stop: number;
  seed: number;
}

/** Everything that made a video, as its MP4 holds it: JSON in the metadata item `comment`. */
export interface VideoSettings extends SpecFields {
  schema: typeof SETTINGS_SCHEMA;
  version: typeof SETTINGS_VERSION;
  /** Version of the CPU worker that wrote the file. */
  kinora: string;
  /** Of the video. */
  id: string;
  /** Unix seconds. */
  created_at: number;
  /** Tells models apart by their content, SHA-256 in hex. @default the GPU worker did not say */
  weights?: string;
  /** @default left out by the operator */
  prompt?: string;
  /** @default there was none, or as `prompt` */
  negative_prompt?: string;
  /** What the user wrote, of which the prompt is another wording. @default there was none, or as `prompt` */
  original_prompt?: string;
}

export const specFields = (spec: VideoSpec): SpecFields => ({
  model: spec.model,
  size: `${spec.width}x${spec.height}`,
  seconds: secondsOf(spec.numFrames, spec.fps),
  fps: spec.fps,
  num_frames: spec.numFrames,
  num_inference_steps: spec.numInferenceSteps,
  guidance_scale: spec.guidanceScale,
  guidance_start: spec.guidanceStart ?? 0,
  guidance_stop: spec.guidanceStop ?? 1,
  seed: spec.seed,
});

export interface SettingsOptions {
  kinora: string;
  weights?: string | undefined;
  /** Whether readers of the file may see what was asked for. */
  withPrompt: boolean;
}

/** The same job gives the same settings, key by key. */
export function videoSettings(
  {
    videoId,
    createdAt,
    spec,
    originalPrompt,
  }: Pick<GenerateVideoInput, 'videoId' | 'createdAt' | 'spec' | 'originalPrompt'>,
  { kinora, weights, withPrompt }: SettingsOptions,
): VideoSettings {
  return {
    schema: SETTINGS_SCHEMA,
    version: SETTINGS_VERSION,
    kinora,
    id: videoId,
    created_at: createdAt,
    ...specFields(spec),
    ...(weights !== undefined && { weights }),
    ...(withPrompt && { prompt: spec.prompt }),
    ...(withPrompt && spec.negativePrompt !== '' && { negative_prompt: spec.negativePrompt }),
    ...(withPrompt && originalPrompt !== undefined && { original_prompt: originalPrompt }),
  };
}

import type { VideoSpec } from '../../contract/video-job.ts';
import type { ModelProfile } from '../../contract/model-profile.ts';
import { hasTooManySteps } from '../../contract/shape.ts';
import { ApiError, invalid } from '../errors/errors.ts';
import type { CreateVideoFields } from './create-schema.ts';
import { resolveLength, resolveSize } from './shape.ts';

export interface SpecOptions {
  profile: ModelProfile;
  /** Other names under which the model may be asked for, e.g. `sora-2`; the answer names what really runs. */
  aliases: readonly string[];
  /** Called where no seed is asked for; 0 .. 2^53 - 1. */
  drawSeed: () => number;
}

/**
 * What a create request means to the loaded model: its defaults filled in, frames and size on its lattice.
 *
 * @throws ApiError naming what the model cannot do, the limit, and what would fit
 */
export function specOf(
  fields: CreateVideoFields,
  { profile, aliases, drawSeed }: SpecOptions,
): { spec: VideoSpec; warnings: string[] } {
  checkModel(fields.model, profile, aliases);
  const size = resolveSize(fields, profile);
  const length = resolveLength(fields, profile);
  const steps = fields.num_inference_steps ?? profile.defaultSteps;
  if (hasTooManySteps(steps, profile)) {
    throw invalid('num_inference_steps', `num_inference_steps must be from 2 to ${profile.maxSteps}, not ${steps}.`);
  }
  return {
    spec: {
      prompt: fields.prompt,
      negativePrompt: fields.negative_prompt ?? '',
      model: profile.id,
      width: size.width,
      height: size.height,
      numFrames: length.numFrames,
      fps: length.fps,
      seed: fields.seed ?? drawSeed(),
      numInferenceSteps: steps,
      guidanceScale: fields.guidance_scale ?? profile.defaultGuidance,
      ...guidanceInterval(fields),
    },
    warnings: [...size.warnings, ...length.warnings],
  };
}

/** The seed so many places after this one; the greatest is followed by 0. */
export function seedAfter(seed: number, places: number): number {
  const left = Number.MAX_SAFE_INTEGER - seed;
  return places <= left ? seed + places : places - left - 1;
}

/** What is as it would be anyway is left out. */
function guidanceInterval({ guidance_start: start = 0, guidance_stop: stop = 1 }: CreateVideoFields) {
  if (start >= stop) {
    throw invalid('guidance_stop', `guidance_stop must be above guidance_start, which is ${start}, not ${stop}.`);
  }
  return { ...(start > 0 && { guidanceStart: start }), ...(stop < 1 && { guidanceStop: stop }) };
}

/** @throws ApiError `model_not_found` */
export function checkModel(model: string | undefined, profile: ModelProfile, aliases: readonly string[]): void {
  if (model === undefined || model === profile.id || aliases.includes(model)) return;
  throw new ApiError('model_not_found', {
    param: 'model',
    message: `This server does not serve the model ${JSON.stringify(model.slice(0, 100))}. It serves ${profile.id}; leave model out for it.`,
  });
}

import { failure } from '../contract/failure.ts';
import { hasTooManySteps, isFrameRate, isTooLong, sizeFault } from '../contract/shape.ts';
import type { GenerateVideoInput, VideoSpec } from '../contract/video-job.ts';
import type { ValidateResult } from '../contract/results.ts';
import type { ModelProfile } from '../contract/model-profile.ts';

export interface ValidateDeps {
  profile: ModelProfile;
  /** Valid tokens of a text, `</s>` included. */
  countTokens: (text: string) => Promise<number>;
}

/**
 * What only a running system knows: whether the model that is loaded here can make the video, and how many tokens the
 * texts have. A text that is too long is cut by the model, as the reference does, and warned of.
 *
 * @throws `model_not_found` and `shape_not_supported`, naming the field, its limit and the remedy
 */
export async function validateJob(
  { profile, countTokens }: ValidateDeps,
  { spec }: GenerateVideoInput,
): Promise<ValidateResult> {
  if (spec.model !== profile.id) {
    throw failure('model_not_found', `model: "${spec.model}" is not served here. Ask for "${profile.id}".`);
  }
  const fault = shapeFault(profile, spec);
  if (fault !== null) throw failure('shape_not_supported', fault);

  const promptTokens = await countTokens(spec.prompt);
  const negativePromptTokens = await countTokens(spec.negativePrompt);
  const limit = profile.maxPromptTokens;
  const warnings = [
    ...tooLong('prompt', promptTokens, limit),
    ...(spec.guidanceScale > 1 ? tooLong('negative_prompt', negativePromptTokens, limit) : []),
  ];
  return { promptTokens, negativePromptTokens, warnings };
}

function tooLong(field: string, tokens: number, limit: number): string[] {
  return tokens > limit
    ? [`${field} has ${tokens} tokens; the model reads the first ${limit}, so its end has no effect`]
    : [];
}

/** The first thing that the model cannot make, or null. */
function shapeFault(profile: ModelProfile, spec: VideoSpec): string | null {
  const { width, height, numFrames, fps, numInferenceSteps } = spec;
  const size = `${width}x${height}`;
  switch (sizeFault(spec, profile)) {
    case 'too_small':
      return `size: ${size} is below the smallest, ${profile.minWidth}x${profile.minHeight}. Ask for a larger size.`;
    case 'too_large':
      return `size: ${size} has more than the ${profile.maxPixels} pixels that the model makes. Ask for a smaller size.`;
    case 'off_grid':
      return `size: ${size} is not a multiple of ${profile.sizeMultiple} pixels each way. Ask for ${profile.sizes[0]}.`;
  }
  if (isTooLong(numFrames, profile)) {
    return `num_frames: ${numFrames} is above the model's ${profile.maxFrames}. Ask for fewer frames or seconds.`;
  }
  if (!isFrameRate(fps, profile)) {
    return `fps: ${fps} is not between ${profile.minFps} and ${profile.maxFps}.`;
  }
  if (hasTooManySteps(numInferenceSteps, profile)) {
    return `num_inference_steps: ${numInferenceSteps} is above the model's ${profile.maxSteps}. Ask for fewer steps.`;
  }
  return null;
}

import type { JobClass } from '../video-job.ts';
import type { ModelProfile } from '../model-profile.ts';
import { parseSize } from '../shape.ts';
import { workOf, type WorkSpec } from './work.ts';

/**
 * Temporal's priority keys of `generate`: a lower number is dispatched first, and accounts take turns among equal ones. The
 * default is 3.
 */
export const PRIORITY_KEYS: Record<JobClass, number> = { short: 3, long: 4 };

/** Of a long job that enough short ones have overtaken: it is dispatched before any more of them. */
export const DUE_PRIORITY_KEY = 2;

/** Of jobs with a checkpoint: they are resumed before a new one begins. */
export const BEGUN_PRIORITY_KEYS: Record<JobClass, number> = { short: 1, long: 1 };

/** A job is long from this multiple of the work of the model's default video. */
const LONG_FROM = 2;

/** Long jobs are those that short ones should not have to wait for. */
export function jobClass(spec: WorkSpec, profile: ModelProfile): JobClass {
  return deviceWork(spec, profile) >= LONG_FROM * deviceWork(defaultSpec(profile), profile) ? 'long' : 'short';
}

function deviceWork(spec: WorkSpec, { architecture }: ModelProfile): number {
  const { denoise, decode } = workOf(spec, architecture);
  return denoise + decode;
}

/** What is made where nothing but a prompt is given. */
export function defaultSpec(profile: ModelProfile): WorkSpec {
  return {
    ...parseSize(profile.sizes[0]!),
    numFrames: profile.defaultFrames,
    numInferenceSteps: profile.defaultSteps,
    guidanceScale: profile.defaultGuidance,
  };
}

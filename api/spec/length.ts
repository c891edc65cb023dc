import type { ModelProfile } from '../../contract/model-profile.ts';
import { invalid } from '../errors/errors.ts';

export interface LengthRequest {
  /** Above 0. */
  seconds?: number;
  fps?: number;
  /** Wins over `seconds`. */
  num_frames?: number;
}

export interface Length {
  /** Frames of the finished video; the model makes the next 6k + 1 and the rest is trimmed. */
  numFrames: number;
  fps: number;
  warnings: string[];
}

/**
 * Real length as the API says it: a string of seconds, to the millisecond, so that asking for it again gives as many
 * frames again.
 */
export const secondsOf = (numFrames: number, fps: number): string => String(milliseconds(numFrames / fps));

/**
 * Frames and frame rate of the video. `seconds` may round to a frame, an exact count of frames may not; nothing is made
 * shorter than asked without saying so.
 *
 * @throws ApiError naming the field, the limit and what would fit
 */
export function resolveLength(request: LengthRequest, profile: ModelProfile): Length {
  const { id, minFps, maxFps, trainedFrames } = profile;
  const { fps } = request;
  if (fps !== undefined && (fps < minFps || fps > maxFps)) {
    throw invalid('fps', `fps ${fps} is not possible: ${id} makes ${minFps} to ${maxFps} frames a second.`);
  }
  const length = resolve(request, profile);
  const warnings =
    length.numFrames > trainedFrames ? [`longer than the ${trainedFrames} frames the model was trained on`] : [];
  return { ...length, warnings };
}

function resolve({ seconds, fps, num_frames }: LengthRequest, profile: ModelProfile): Omit<Length, 'warnings'> {
  if (num_frames !== undefined) {
    return { numFrames: checkFrames(num_frames, profile), fps: fps ?? profile.defaultFps };
  }
  if (seconds === undefined) return { numFrames: profile.defaultFrames, fps: fps ?? profile.defaultFps };
  if (fps !== undefined) return { numFrames: checkSeconds(seconds, fps, profile), fps };
  const chosen = profile.fpsChoices.find((choice) => framesOf(seconds, choice) <= profile.trainedFrames);
  if (chosen === undefined) throw tooLongAtAnyRate(seconds, profile);
  return { numFrames: framesOf(seconds, chosen), fps: chosen };
}

const framesOf = (seconds: number, fps: number) => Math.max(1, Math.round(seconds * fps));

function checkFrames(numFrames: number, { id, maxFrames, defaultFps }: ModelProfile): number {
  if (numFrames > maxFrames) {
    throw invalid(
      'num_frames',
      `num_frames ${numFrames} is too long: ${id} makes at most ${maxFrames} frames (${secondsOf(maxFrames, defaultFps)} seconds at ${defaultFps} fps).`,
    );
  }
  if (numFrames % 6 !== 1) {
    const below = Math.max(1, Math.floor((numFrames - 1) / 6) * 6 + 1);
    throw invalid(
      'num_frames',
      `num_frames ${numFrames} is not possible: the model makes 6k + 1 frames. The nearest are ${below} and ${below + 6}; or ask in seconds, for any length.`,
    );
  }
  return numFrames;
}

function checkSeconds(seconds: number, fps: number, { id, maxFrames, minFps }: ModelProfile): number {
  const numFrames = framesOf(seconds, fps);
  if (numFrames <= maxFrames) return numFrames;
  const slower = Math.floor(maxFrames / seconds);
  throw invalid(
    'seconds',
    `seconds ${seconds} is too long: at ${fps} fps that is ${numFrames} frames, and ${id} makes at most ${maxFrames}. ` +
      `Ask for at most ${longest(maxFrames, fps)} seconds` +
      (slower >= minFps ? `, or for ${slower} fps or fewer.` : '.'),
  );
}

function tooLongAtAnyRate(seconds: number, { id, trainedFrames, maxFrames, fpsChoices, minFps }: ModelProfile) {
  const slowest = Math.min(...fpsChoices);
  const most = longest(trainedFrames, slowest);
  const explicit = longest(maxFrames, minFps);
  return invalid(
    'seconds',
    `seconds ${seconds} is too long: ${id} was trained on clips of up to ${trainedFrames} frames, ${most} seconds at ${slowest} fps. ` +
      `Ask for at most ${most} seconds` +
      (explicit > most ? `, or for up to ${explicit} with fps ${minFps} given explicitly.` : '.'),
  );
}

/** Longest clip of that many frames, in seconds: rounded down, so that what is suggested is accepted. */
const longest = (frames: number, fps: number) => Math.floor((frames / fps) * 1000) / 1000;

const milliseconds = (seconds: number) => Math.round(seconds * 1000) / 1000;

import type { ModelProfile } from '../../contract/model-profile.ts';
import {
  frameCountBelow,
  isFrameCount,
  isFrameRate,
  isTooLong,
  nearestSize,
  nextFrameCount,
  parseSize,
  secondsOf,
  type Size,
  sizeFault,
} from '../../contract/shape.ts';
import { invalid } from '../errors/errors.ts';

/** Names that people use for sizes, landscape. Their portrait twins are asked for as WIDTHxHEIGHT. */
const PRESETS: Record<string, string> = { '480p': '848x480', '720p': '1280x720', '1080p': '1920x1080' };

export interface SizeRequest {
  /** `WxH` or a name such as `720p`. */
  size?: string;
  /** Pixels; together they mean the same as `size`. */
  width?: number;
  height?: number;
}

/** A size, and what to say of it to the user. */
export interface ResolvedSize extends Size {
  warnings: string[];
}

/**
 * The size of the video: the profile's first where nothing is asked for.
 *
 * @throws ApiError naming the field, what the model makes, and what would fit
 */
export function resolveSize(request: SizeRequest, profile: ModelProfile): ResolvedSize {
  const { width, height, param } = asked(request, profile);
  check({ width, height }, param, profile);
  const warnings =
    width * height > profile.trainedPixels ? [`larger than the ${trainedSize(profile)} the model was trained on`] : [];
  return { width, height, warnings };
}

function asked({ size, width, height }: SizeRequest, profile: ModelProfile) {
  if (size === undefined && width === undefined && height === undefined) {
    return { ...parseSize(profile.sizes[0]!), param: 'size' };
  }
  if (size !== undefined) {
    const named = parseSize(PRESETS[size.toLowerCase()] ?? size.toLowerCase());
    for (const [param, value] of Object.entries({ width, height })) {
      if (value !== undefined && value !== named[param as 'width' | 'height']) {
        throw invalid(param, `${param} ${value} disagrees with size ${size}; give one of them, or the same in both.`);
      }
    }
    return { ...named, param: 'size' };
  }
  if (width === undefined) throw invalid('width', `height is given without width; give both, or size as WIDTHxHEIGHT.`);
  if (height === undefined) throw invalid('height', `width is given without height; give both, or size.`);
  return { width, height, param: '' };
}

/** @param param the field to blame; empty for the one of width and height that is at fault */
function check(size: Size, param: string, profile: ModelProfile): void {
  const { id, sizeMultiple: multiple, minWidth, minHeight, maxPixels } = profile;
  const { width, height } = size;
  const fits = `It makes ${profile.sizes.join(', ')} and other multiples of ${multiple} from ${minWidth}x${minHeight} up to ${maxPixels} pixels in all.`;
  switch (sizeFault(size, profile)) {
    case 'too_small':
      throw invalid(
        param || (width < minWidth ? 'width' : 'height'),
        `${width}x${height} is too small for ${id}. ${fits}`,
      );
    case 'too_large':
      throw invalid(param || 'width', `${width}x${height} is ${width * height} pixels, too many for ${id}. ${fits}`);
    case 'off_grid': {
      const nearest = nearestSize(size, profile);
      throw invalid(
        param || (width % multiple !== 0 ? 'width' : 'height'),
        `${width}x${height} is not possible: width and height must be multiples of ${multiple}. The nearest is ${nearest.width}x${nearest.height}. ${fits}`,
      );
    }
  }
}

/** As a size where a preset has exactly that many pixels. */
function trainedSize({ sizes, trainedPixels }: ModelProfile): string {
  const size = sizes.find((name) => parseSize(name).width * parseSize(name).height === trainedPixels);
  return size === undefined ? `${trainedPixels} pixels` : `${size} pixels`;
}

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
 * Frames and frame rate of the video. `seconds` may round to a frame, an exact count of frames may not; nothing is made
 * shorter than asked without saying so.
 *
 * @throws ApiError naming the field, the limit and what would fit
 */
export function resolveLength(request: LengthRequest, profile: ModelProfile): Length {
  const { id, minFps, maxFps, trainedFrames } = profile;
  const { fps } = request;
  if (fps !== undefined && !isFrameRate(fps, profile)) {
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

function checkFrames(numFrames: number, profile: ModelProfile): number {
  const { id, maxFrames, defaultFps } = profile;
  if (isTooLong(numFrames, profile)) {
    throw invalid(
      'num_frames',
      `num_frames ${numFrames} is too long: ${id} makes at most ${maxFrames} frames (${secondsOf(maxFrames, defaultFps)} seconds at ${defaultFps} fps).`,
    );
  }
  if (!isFrameCount(numFrames)) {
    throw invalid(
      'num_frames',
      `num_frames ${numFrames} is not possible: the model makes 6k + 1 frames. The nearest are ${frameCountBelow(numFrames)} and ${nextFrameCount(numFrames)}; or ask in seconds, for any length.`,
    );
  }
  return numFrames;
}

function checkSeconds(seconds: number, fps: number, profile: ModelProfile): number {
  const { id, maxFrames, minFps } = profile;
  const numFrames = framesOf(seconds, fps);
  if (!isTooLong(numFrames, profile)) return numFrames;
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

import type { ModelProfile } from './model-profile.ts';

/**
 * The rules of a video's shape: which sizes, frame counts, frame rates and steps a model makes. The API refuses by them
 * before anything is queued, and `validate` again, since a worker may hold another model than the API described.
 */

/** Width and height in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The model makes one frame and then groups of so many. */
const FRAME_GROUP = 6;

/** @param size `WxH` in pixels */
export function parseSize(size: string): Size {
  const [width = 0, height = 0] = size.split('x').map(Number);
  return { width, height };
}

export type SizeFault = 'too_small' | 'too_large' | 'off_grid';

/** What keeps the model from making this size; null for nothing. Its presets need not be multiples of its grid. */
export function sizeFault({ width, height }: Size, profile: ModelProfile): SizeFault | null {
  const { sizes, sizeMultiple, minWidth, minHeight, maxPixels } = profile;
  if (sizes.includes(`${width}x${height}`)) return null;
  if (width < minWidth || height < minHeight) return 'too_small';
  if (width * height > maxPixels) return 'too_large';
  return width % sizeMultiple !== 0 || height % sizeMultiple !== 0 ? 'off_grid' : null;
}

/** The size nearest to one that is off the grid and otherwise possible. */
export function nearestSize({ width, height }: Size, profile: ModelProfile): Size {
  const { sizeMultiple: multiple, minWidth, minHeight, maxPixels } = profile;
  const near = (value: number, min: number) =>
    Math.max(Math.ceil(min / multiple), Math.round(value / multiple)) * multiple;
  const below = (value: number) => Math.floor(value / multiple) * multiple;
  const nearest = { width: near(width, minWidth), height: near(height, minHeight) };
  // Rounding up must not suggest what is refused in its turn.
  return nearest.width * nearest.height > maxPixels ? { width: below(width), height: below(height) } : nearest;
}

/** True for 6k + 1. */
export const isFrameCount = (frames: number): boolean => frames % FRAME_GROUP === 1;

/** The largest 6k + 1 that is not above `frames`; at least 1. */
export const frameCountBelow = (frames: number): number =>
  Math.max(1, Math.floor((frames - 1) / FRAME_GROUP) * FRAME_GROUP + 1);

/** The smallest 6k + 1 above that. */
export const nextFrameCount = (frames: number): number => frameCountBelow(frames) + FRAME_GROUP;

/** The 6k + 1 nearest to `frames`, at least 7: a clip, not a picture. */
export const nearestFrameCount = (frames: number): number =>
  FRAME_GROUP * Math.max(1, Math.round((frames - 1) / FRAME_GROUP)) + 1;

export const isTooLong = (frames: number, { maxFrames }: ModelProfile): boolean => frames > maxFrames;

/** @param fps frames a second */
export const isFrameRate = (fps: number, { minFps, maxFps }: ModelProfile): boolean => fps >= minFps && fps <= maxFps;

export const hasTooManySteps = (steps: number, { maxSteps }: ModelProfile): boolean => steps > maxSteps;

/**
 * Real length as the API says it: a string of seconds, to the millisecond, so that asking for it again gives as many
 * frames again.
 */
export const secondsOf = (numFrames: number, fps: number): string =>
  String(Math.round((numFrames / fps) * 1000) / 1000);

import type { VideoSpec } from '../../../contract/video-job.ts';

/** What the tiny model makes in a moment; the rest is for each test to say. */
export const TINY_SPEC = {
  negativePrompt: '',
  model: 'mochi-tiny',
  width: 64,
  height: 64,
  numFrames: 7,
  fps: 12,
  guidanceScale: 3,
} satisfies Partial<VideoSpec>;

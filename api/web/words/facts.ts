import type { Video } from '../client/types.ts';

/** A size as people write it. */
export const sizeText = (size: string): string => size.replace('x', ' × ');

/** Seconds to a tenth. */
export const secondsText = (seconds: string): string => `${Math.round(Number(seconds) * 10) / 10} s`;

/** What decides the pixels of a video. */
export const facts = (video: Video): string[] => [
  sizeText(video.size),
  secondsText(video.seconds),
  `${video.num_frames} frames, ${video.fps} fps`,
  `${video.num_inference_steps} steps`,
  `guidance ${video.guidance_scale}`,
  `seed ${video.seed}`,
];

export const aspectOf = (size: string): number => {
  const [width = 1, height = 1] = size.split('x').map(Number);
  return width / height;
};

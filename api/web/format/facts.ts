import type { CreateVideo, Video } from '../client/types.ts';

/** A size as people write it. */
export const sizeText = (size: string): string => size.replace('x', ' × ');

/** Seconds to a tenth. */
export const secondsText = (seconds: string): string => `${Math.round(Number(seconds) * 10) / 10} s`;

/** On which part of the steps a video was guided, where that is not all of them. */
export const guidanceInterval = (video: Video): Pick<CreateVideo, 'guidance_start' | 'guidance_stop'> => ({
  ...(video.guidance_start > 0 && { guidance_start: video.guidance_start }),
  ...(video.guidance_stop < 1 && { guidance_stop: video.guidance_stop }),
});

/** Empty where all of the steps are guided. */
export function intervalText({ guidance_start = 0, guidance_stop = 1 }: ReturnType<typeof guidanceInterval>): string {
  const share = (value: number) => `${Math.round(100 * value)} %`;
  const part = guidance_start > 0 || guidance_stop < 1;
  return part ? `from ${share(guidance_start)} to ${share(guidance_stop)} of the steps` : '';
}

/** What decides the pixels of a video. */
export const facts = (video: Video): string[] => [
  sizeText(video.size),
  secondsText(video.seconds),
  `${video.num_frames} frames, ${video.fps} fps`,
  `${video.num_inference_steps} steps`,
  `guidance ${video.guidance_scale} ${intervalText(video)}`.trim(),
  `seed ${video.seed}`,
];

export const aspectOf = (size: string): number => {
  const [width = 1, height = 1] = size.split('x').map(Number);
  return width / height;
};

import type { CreateVideo, MadeWith, Video } from '../client/types.ts';

/** `848 × 480`. */
export const sizeText = (size: string): string => size.replace('x', ' × ');

/** Seconds, rounded to a tenth. */
export const secondsText = (seconds: string): string => `${Math.round(Number(seconds) * 10) / 10} s`;

/** The steps that a video was guided in, as shares; empty for all of them. */
export const guidanceInterval = ({
  guidance_start: start = 0,
  guidance_stop: stop = 1,
}: MadeWith): Pick<CreateVideo, 'guidance_start' | 'guidance_stop'> => ({
  ...(start > 0 && { guidance_start: start }),
  ...(stop < 1 && { guidance_stop: stop }),
});

/** Empty if all steps are guided. */
export function intervalText({ guidance_start = 0, guidance_stop = 1 }: ReturnType<typeof guidanceInterval>): string {
  const share = (value: number) => `${Math.round(100 * value)} %`;
  const part = guidance_start > 0 || guidance_stop < 1;
  return part ? `from ${share(guidance_start)} to ${share(guidance_stop)} of the steps` : '';
}

/** Its scale, and the part of the steps that is guided. */
export const guidanceText = (video: Video): string => `${video.guidance_scale} ${intervalText(video)}`.trim();

/** The settings that determine a video, besides its prompts. */
export const facts = (video: Video): string[] => [
  sizeText(video.size),
  secondsText(video.seconds),
  `${video.num_frames} frames, ${video.fps} fps`,
  `${video.num_inference_steps} steps`,
  `guidance ${guidanceText(video)}`,
  `seed ${video.seed}`,
];

export const aspectOf = (size: string): number => {
  const [width = 1, height = 1] = size.split('x').map(Number);
  return width / height;
};

import type { Video } from '../client/types.ts';
import { guidanceText, secondsText, sizeText } from './facts.ts';

/** A setting that some videos do not share. */
export interface Difference {
  name: string;
  /** One for each video. */
  values: string[];
}

/** What of some videos differs, and the names of what does not. */
export function differences(videos: Video[]): { differs: Difference[]; same: string[] } {
  const settings = SETTINGS.map(([name, valueOf]): Difference => ({ name, values: videos.map(valueOf) }));
  const isSame = ({ values }: Difference) => values.every((value) => value === values[0]);
  return {
    differs: settings.filter((setting) => !isSame(setting)),
    same: settings.filter(isSame).map(({ name }) => name.toLowerCase()),
  };
}

const SETTINGS: [string, (video: Video) => string][] = [
  ['Prompt', ({ prompt }) => prompt],
  ['Negative prompt', ({ negative_prompt: text }) => text ?? 'none'],
  ['Model', ({ model }) => model],
  ['Size', ({ size }) => sizeText(size)],
  ['Length', ({ seconds }) => secondsText(seconds)],
  ['Frames a second', ({ fps }) => String(fps)],
  ['Steps', ({ num_inference_steps: steps }) => String(steps)],
  ['Guidance', guidanceText],
  ['Seed', ({ seed }) => String(seed)],
];

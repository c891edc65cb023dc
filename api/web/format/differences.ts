import type { Video } from '../client/types.ts';
import { guidanceText, secondsText, sizeText } from './facts.ts';

/** A setting that two videos do not share. */
export interface Difference {
  name: string;
  values: [a: string, b: string];
}

/** What of two videos differs, and the names of what does not. */
export function differences(a: Video, b: Video): { differs: Difference[]; same: string[] } {
  const settings = SETTINGS.map(([name, valueOf]): Difference => ({ name, values: [valueOf(a), valueOf(b)] }));
  return {
    differs: settings.filter(({ values: [one, other] }) => one !== other),
    same: settings.filter(({ values: [one, other] }) => one === other).map(({ name }) => name.toLowerCase()),
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

import type { CreateVideo, LengthPreset, Model, Video } from '../../client/types.ts';
import { aspectOf, guidanceInterval, secondsText, sizeText } from '../../format/facts.ts';
import type { Choice } from './choices.tsx';

/** What the form holds: text, as typed. */
export interface Draft {
  prompt: string;
  negativePrompt: string;
  size: string;
  /** A length as {@link lengthValue} writes it. */
  length: string;
  /** Empty draws one. */
  seed: string;
  steps: string;
  guidance: string;
  /** What the form has no field for, as a video has it that is made again. */
  interval: ReturnType<typeof guidanceInterval>;
}

/** `num_frames:seconds:fps`; the first is empty for a length that is not a preset. */
const lengthValue = ({ num_frames, seconds, fps }: { num_frames: number | ''; seconds: string; fps: number }) =>
  `${num_frames}:${seconds}:${fps}`;

/** Before the server has said what it makes: no size yet. */
export const UNSETTLED: Draft = {
  prompt: '',
  negativePrompt: '',
  size: '',
  length: '',
  seed: '',
  steps: '',
  guidance: '',
  interval: {},
};

export function emptyDraft(model: Model): Draft {
  const byDefault = model.lengths.find(({ num_frames }) => num_frames === model.default_frames) ?? model.lengths[0]!;
  return {
    ...UNSETTLED,
    size: model.sizes[0]!,
    length: lengthValue(byDefault),
    steps: String(model.default_steps),
    guidance: String(model.default_guidance),
  };
}

/** The settings of a video that was made, seed included. */
export function draftOf(video: Video, model: Model): Draft {
  const preset = model.lengths.find(({ num_frames, fps }) => num_frames === video.num_frames && fps === video.fps);
  return {
    prompt: video.prompt,
    negativePrompt: video.negative_prompt ?? '',
    size: video.size,
    length: lengthValue(preset ?? { num_frames: '', seconds: video.seconds, fps: video.fps }),
    seed: String(video.seed),
    steps: String(video.num_inference_steps),
    guidance: String(video.guidance_scale),
    interval: guidanceInterval(video),
  };
}

export function bodyOf(draft: Draft): CreateVideo {
  const [frames, seconds, fps] = draft.length.split(':');
  return {
    prompt: draft.prompt.trim(),
    ...(draft.negativePrompt.trim() !== '' && { negative_prompt: draft.negativePrompt.trim() }),
    size: draft.size,
    ...(frames === '' ? { seconds } : { num_frames: Number(frames) }),
    fps: Number(fps),
    ...(draft.seed.trim() !== '' && { seed: Number(draft.seed) }),
    num_inference_steps: Number(draft.steps),
    guidance_scale: Number(draft.guidance),
    ...draft.interval,
  };
}

/** The model's sizes, and the draft's own where it is another. */
export function sizeChoices(model: Model, { size }: Draft): Choice[] {
  const sizes = model.sizes.includes(size) ? model.sizes : [...model.sizes, size];
  return sizes.map((value) => ({ value, label: sizeText(value), note: sizeNote(value, model) }));
}

function sizeNote(size: string, { trained_pixels }: Model): string {
  const [width = 0, height = 0] = size.split('x').map(Number);
  if (width * height > trained_pixels) return 'beyond training';
  const aspect = aspectOf(size);
  return aspect === 1 ? 'square' : aspect > 1 ? 'landscape' : 'portrait';
}

/** The model's lengths, and the draft's own where it is another. */
export function lengthChoices(model: Model, { length }: Draft): Choice[] {
  const choices = model.lengths.map((preset) => ({
    value: lengthValue(preset),
    label: secondsText(preset.seconds),
    note: lengthNote(preset),
  }));
  if (choices.some(({ value }) => value === length)) return choices;
  const [, seconds = '', fps] = length.split(':');
  return [...choices, { value: length, label: secondsText(seconds), note: `as edited, ${fps} fps` }];
}

const lengthNote = ({ num_frames, trained }: LengthPreset) => (trained ? `${num_frames} frames` : 'beyond training');

import type { CreateVideo, LengthPreset, MadeWith, Model } from '../../client/types.ts';
import { aspectOf, guidanceInterval, secondsText, sizeText } from '../../format/facts.ts';
import type { Choice } from './choices.tsx';

/** The form's values, as typed. */
export interface FormValues {
  prompt: string;
  /** What was written, where the prompt is a suggestion that was taken; empty for none. */
  originalPrompt: string;
  negativePrompt: string;
  size: string;
  /** As {@link lengthValue} writes it. */
  length: string;
  /** Empty for a random seed. */
  seed: string;
  steps: string;
  guidance: string;
  /** How many are made, each with its own seed. */
  variations: string;
  /** Taken over from an edited video; the form has no field for it. */
  interval: ReturnType<typeof guidanceInterval>;
}

/** `num_frames:seconds:fps`; `num_frames` is empty for a length that is not a preset. */
const lengthValue = ({ num_frames, seconds, fps }: { num_frames: number | ''; seconds: string; fps: number }) =>
  `${num_frames}:${seconds}:${fps}`;

/** Before the model is known. */
export const EMPTY_VALUES: FormValues = {
  prompt: '',
  originalPrompt: '',
  negativePrompt: '',
  size: '',
  length: '',
  seed: '',
  steps: '',
  guidance: '',
  variations: '1',
  interval: {},
};

export function defaultValues(model: Model): FormValues {
  const byDefault = model.lengths.find(({ num_frames }) => num_frames === model.default_frames) ?? model.lengths[0]!;
  return {
    ...EMPTY_VALUES,
    size: model.sizes[0]!,
    length: lengthValue(byDefault),
    steps: String(model.default_steps),
    guidance: String(model.default_guidance),
  };
}

/** The settings that made a video, its seed included; the model's own where they are not known. */
export function valuesOf(made: MadeWith, model: Model): FormValues {
  const byDefault = defaultValues(model);
  return {
    prompt: made.prompt ?? '',
    originalPrompt: made.original_prompt ?? '',
    negativePrompt: made.negative_prompt ?? '',
    size: made.size ?? byDefault.size,
    length: lengthOf(made, model) ?? byDefault.length,
    seed: made.seed === undefined ? '' : String(made.seed),
    steps: String(made.num_inference_steps ?? byDefault.steps),
    guidance: String(made.guidance_scale ?? byDefault.guidance),
    interval: guidanceInterval(made),
    variations: '1',
  };
}

/** The preset, or a length of its own; null where it is not known. */
function lengthOf({ num_frames: frames, seconds, fps }: MadeWith, { lengths }: Model): string | null {
  if (seconds === undefined || fps === undefined) return null;
  const made = frames ?? Math.round(Number(seconds) * fps);
  const preset = lengths.find((length) => length.num_frames === made && length.fps === fps);
  return lengthValue(preset ?? { num_frames: '', seconds: String(seconds), fps });
}

export function requestBody(values: FormValues): CreateVideo {
  const [frames, seconds, fps] = values.length.split(':');
  return {
    prompt: values.prompt.trim(),
    ...(values.negativePrompt.trim() !== '' && { negative_prompt: values.negativePrompt.trim() }),
    ...(values.originalPrompt.trim() !== '' && { original_prompt: values.originalPrompt.trim() }),
    size: values.size,
    ...(frames === '' ? { seconds } : { num_frames: Number(frames) }),
    fps: Number(fps),
    ...(values.seed.trim() !== '' && { seed: Number(values.seed) }),
    num_inference_steps: Number(values.steps),
    guidance_scale: Number(values.guidance),
    ...values.interval,
    ...(values.variations !== '1' && { n: Number(values.variations) }),
  };
}

/** What of it decides how long the video takes. */
export function estimateBody(values: FormValues): Partial<CreateVideo> {
  const {
    prompt: _prompt,
    negative_prompt: _negativePrompt,
    original_prompt: _originalPrompt,
    seed: _seed,
    ...body
  } = requestBody(values);
  return body;
}

/** The model's sizes, and the form's own where it is another. */
export function sizeChoices(model: Model, { size }: FormValues): Choice[] {
  const sizes = model.sizes.includes(size) ? model.sizes : [...model.sizes, size];
  return sizes.map((value) => ({ value, label: sizeText(value), note: sizeNote(value, model) }));
}

function sizeNote(size: string, { trained_pixels }: Model): string {
  const [width = 0, height = 0] = size.split('x').map(Number);
  if (width * height > trained_pixels) return 'beyond training';
  const aspect = aspectOf(size);
  return aspect === 1 ? 'square' : aspect > 1 ? 'landscape' : 'portrait';
}

/** The model's lengths, and the form's own where it is another. */
export function lengthChoices(model: Model, { length }: FormValues): Choice[] {
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

const MOST_VARIATIONS = 8;

export const VARIATION_CHOICES: Choice[] = Array.from({ length: MOST_VARIATIONS }, (_, at) => ({
  value: String(at + 1),
  label: String(at + 1),
  note: at === 0 ? 'one video' : `${at + 1} videos`,
}));

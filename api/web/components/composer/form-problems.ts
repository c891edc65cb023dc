import { ApiError } from '../../client/api-error.ts';
import type { Model } from '../../client/types.ts';
import { requestFailure } from '../../format/failures.ts';
import type { FormValues } from './form-values.ts';

/** Error texts by field. */
export type Problems = Partial<Record<keyof FormValues, string>>;

/** The API's names of the fields. */
const FIELDS: Record<string, keyof FormValues> = {
  prompt: 'prompt',
  negative_prompt: 'negativePrompt',
  seed: 'seed',
  num_inference_steps: 'steps',
  guidance_scale: 'guidance',
};

/** The API's limit. */
const MAX_GUIDANCE = 20;

/** What the API would refuse, found before the request. */
export function validate(values: FormValues, { max_steps, max_prompt_chars }: Model): Problems {
  const steps = numberOf(values.steps);
  const guidance = numberOf(values.guidance);
  const seed = values.seed.trim();
  return present({
    prompt:
      values.prompt.trim() === ''
        ? 'Describe what the video should show.'
        : textProblem(values.prompt, max_prompt_chars),
    negativePrompt: textProblem(values.negativePrompt, max_prompt_chars),
    seed:
      /^\d*$/.test(seed) && Number(seed) <= Number.MAX_SAFE_INTEGER
        ? null
        : `A seed is a whole number up to ${Number.MAX_SAFE_INTEGER}. Leave it empty for a random one.`,
    steps:
      Number.isInteger(steps) && steps >= 2 && steps <= max_steps
        ? null
        : `Enter a whole number from 2 to ${max_steps}.`,
    guidance:
      guidance >= 0 && guidance <= MAX_GUIDANCE ? null : `Guidance goes from 0 to ${MAX_GUIDANCE}, for example 4.5.`,
  });
}

/** The API's refusal at the field that it names; empty where the form has no such field. */
export function refusedField(failure: unknown): Problems {
  const field = failure instanceof ApiError && failure.param !== null ? FIELDS[failure.param] : undefined;
  return field === undefined ? {} : { [field]: requestFailure(failure) };
}

const count = new Intl.NumberFormat('en');

function textProblem(text: string, maxChars: number | undefined): string | null {
  if (!isPlainText(text))
    return 'This contains something that is not text, such as half an emoji. Delete and retype it.';
  const { length } = text.trim();
  return maxChars !== undefined && length > maxChars
    ? `${count.format(length)} characters, and this server accepts ${count.format(maxChars)}. Shorten the text.`
    : null;
}

/** What the API accepts as text: no control characters but tab and line feed, no half of an emoji. */
function isPlainText(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if ((code < 0x20 && code !== 0x09 && code !== 0x0a) || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}

/** NaN for an empty field. */
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

const present = (problems: Record<string, string | null>): Problems =>
  Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem !== null));

export const without = (problems: Problems, fields: string[]): Problems =>
  Object.fromEntries(Object.entries(problems).filter(([name]) => !fields.includes(name)));

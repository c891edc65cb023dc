import { ApiError } from '../../client/api-error.ts';
import type { Model } from '../../client/types.ts';
import { requestFailure } from '../../format/failures.ts';
import { isPlainText, REFUSED_CHARACTERS, tooLong } from '../../format/prompts.ts';
import type { Draft } from './form-values.ts';

/** What is wrong with fields of the form, in words for those who filled them in. */
export type Problems = Partial<Record<keyof Draft, string>>;

/** Fields as the API names them in its errors. */
const FIELDS: Record<string, keyof Draft> = {
  prompt: 'prompt',
  negative_prompt: 'negativePrompt',
  seed: 'seed',
  num_inference_steps: 'steps',
  guidance_scale: 'guidance',
};

/** Guidance that the API takes. */
const MOST_GUIDANCE = 20;

/** What the API would refuse, said before it is asked. */
export function problemsOf(draft: Draft, { max_steps, max_prompt_chars }: Model): Problems {
  const steps = numberOf(draft.steps);
  const guidance = numberOf(draft.guidance);
  const seed = draft.seed.trim();
  return present({
    prompt:
      draft.prompt.trim() === '' ? 'Say what the video should show.' : textProblem(draft.prompt, max_prompt_chars),
    negativePrompt: textProblem(draft.negativePrompt, max_prompt_chars),
    seed:
      /^\d*$/.test(seed) && Number(seed) <= Number.MAX_SAFE_INTEGER
        ? null
        : `A seed is a whole number up to ${Number.MAX_SAFE_INTEGER}. Leave it empty for a random one.`,
    steps:
      Number.isInteger(steps) && steps >= 2 && steps <= max_steps
        ? null
        : `The model makes a video in 2 to ${max_steps} steps. Enter a whole number of them.`,
    guidance:
      guidance >= 0 && guidance <= MOST_GUIDANCE
        ? null
        : `Guidance goes from 0 to ${MOST_GUIDANCE}; 4.5 or 4.25 are fine.`,
  });
}

/** What the API refused, at the field that it means; nothing where it means none of the form. */
export function refusedField(failure: unknown): Problems {
  const field = failure instanceof ApiError && failure.param !== null ? FIELDS[failure.param] : undefined;
  return field === undefined ? {} : { [field]: requestFailure(failure) };
}

function textProblem(text: string, maxChars: number | undefined): string | null {
  if (!isPlainText(text)) return REFUSED_CHARACTERS;
  const { length } = text.trim();
  return maxChars !== undefined && length > maxChars ? tooLong(length, maxChars) : null;
}

/** NaN where it is none. */
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

const present = (problems: Record<string, string | null>): Problems =>
  Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem !== null));

export const without = (problems: Problems, fields: string[]): Problems =>
  Object.fromEntries(Object.entries(problems).filter(([name]) => !fields.includes(name)));

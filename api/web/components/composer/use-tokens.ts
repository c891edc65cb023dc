import { useEffect, useState } from 'react';
import { pause } from '../../client/pause.ts';
import type { Model, PromptTokens } from '../../client/types.ts';
import { countTokens } from '../../client/videos.ts';
import { useSession } from '../../state/use-service.ts';
import { validate } from './form-problems.ts';
import type { FormValues } from './form-values.ts';

/** After the last change of a text, in ms. */
const SETTLED_MS = 350;

/** Tokens of one text. */
export interface TextTokens {
  tokens: number;
  /** As many as the model reads. */
  most: number;
}

export interface FormTokens {
  prompt: TextTokens | null;
  negativePrompt: TextTokens | null;
}

/**
 * How long the form's texts are for the model. While one is typed, the last count stays.
 *
 * @param model null until it is known
 * @returns null for what is empty, or not known
 */
export function useTokens(model: Model | null, values: FormValues): FormTokens {
  const [known, setKnown] = useState<PromptTokens | null>(null);
  const { reachable } = useSession();
  const prompt = values.prompt.trim();
  const negativePrompt = values.negativePrompt.trim();
  const problems = model === null ? null : validate(values, model);
  const sent = problems !== null && !(prompt && problems.prompt) && !problems.negativePrompt && reachable;
  const body = sent && (prompt || negativePrompt) ? JSON.stringify({ prompt, negative_prompt: negativePrompt }) : null;
  useEffect(() => {
    if (body === null) return;
    const stop = new AbortController();
    const { signal } = stop;
    pause({ ms: SETTLED_MS, leastMs: SETTLED_MS }, signal)
      .then(() => countTokens(JSON.parse(body) as object, signal))
      // What is not known is not shown.
      .then(setKnown, () => !signal.aborted && setKnown(null));
    return () => stop.abort();
  }, [body]);
  const counted = (text: string, tokens: number | null = null): TextTokens | null =>
    text === '' || known === null || tokens === null ? null : { tokens, most: known.max_prompt_tokens };
  return {
    prompt: counted(prompt, known?.prompt_tokens),
    negativePrompt: counted(negativePrompt, known?.negative_prompt_tokens),
  };
}

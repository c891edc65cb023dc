import type { RequestHandler } from 'express';
import { parseFields } from '../http/fields.ts';
import { countTokensBody } from '../spec/create-schema.ts';
import type { PromptDeps } from './deps.ts';
import type { PromptTokens } from './tokens-schema.ts';

/** `POST /videos/tokens`: how long texts are for the model. They are shown to nobody else. The body has been read. */
export function tokensHandler({ profile, limits, countTokens }: PromptDeps): RequestHandler {
  const schema = countTokensBody(limits.promptChars);
  const counted = async (text = '') => (text === '' ? null : ((await countTokens?.(text)) ?? null));
  return async (req, res) => {
    const { prompt, negative_prompt: negativePrompt } = parseFields(schema, req.body as Record<string, unknown>);
    res.setHeader('cache-control', 'no-store');
    res.json({
      object: 'video.tokens',
      model: profile.id,
      prompt_tokens: await counted(prompt),
      negative_prompt_tokens: await counted(negativePrompt),
      max_prompt_tokens: profile.maxPromptTokens,
    } satisfies PromptTokens);
  };
}

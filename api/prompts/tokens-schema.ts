import { z } from 'zod';

const tokens = z.int().min(1).nullable();

/** How long texts are for the model. */
export const promptTokensSchema = z
  .strictObject({
    object: z.literal('video.tokens'),
    model: z.string(),
    prompt_tokens: tokens.meta({
      description:
        'Tokens of the prompt as the model counts them, its end mark included; null without one, or if unknown.',
    }),
    negative_prompt_tokens: tokens.meta({ description: 'The same, of the negative prompt.' }),
    max_prompt_tokens: z.int().min(1).meta({
      description: 'Tokens that the model reads of each; the end of a longer text has no effect.',
    }),
  })
  .meta({ id: 'PromptTokens' });

export type PromptTokens = z.infer<typeof promptTokensSchema>;

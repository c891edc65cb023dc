import { z } from 'zod';

/** Another wording of a prompt. */
export const enhancedPromptSchema = z
  .strictObject({
    object: z.literal('video.enhanced_prompt'),
    prompt: z.string().meta({ description: 'As it was sent.' }),
    enhanced_prompt: z.string().meta({
      description: 'A suggestion, checked against the policy of the service when a video is made of it.',
    }),
  })
  .meta({ id: 'EnhancedPrompt' });

export type EnhancedPrompt = z.infer<typeof enhancedPromptSchema>;

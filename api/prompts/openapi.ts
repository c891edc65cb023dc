import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { BODY_ERRORS, json, writeErrors } from '../http/openapi/answers.ts';
import { body } from '../http/openapi/requests.ts';
import { countTokensBody, enhancePromptBody } from '../spec/create-schema.ts';
import { enhancedPromptSchema } from './enhance-schema.ts';
import { promptTokensSchema } from './tokens-schema.ts';

/** Prompts: their tokens, another wording. */
export const promptPaths = (maxPromptChars: number): ZodOpenApiPathsObject => ({
  '/v1/videos/tokens': {
    post: {
      operationId: 'countTokens',
      summary: 'Count the tokens of a prompt',
      description:
        'Says how many tokens of the model a prompt has, and how many the model reads: the end of a longer one has no effect. Nothing is started, and the texts are shown to nobody else.',
      tags: ['Videos'],
      requestBody: { ...body(countTokensBody(maxPromptChars)), required: true },
      responses: {
        200: json('How long the texts are for the model', promptTokensSchema),
        ...writeErrors(...BODY_ERRORS),
      },
    },
  },
  '/v1/videos/enhance': {
    post: {
      operationId: 'enhancePrompt',
      summary: 'Enhance a prompt',
      description:
        'Asks the language model of this server for a better wording of a prompt. Nothing is started: show the answer to its user, and send it as `prompt` with the first one as `original_prompt`, if at all.',
      tags: ['Videos'],
      requestBody: { ...body(enhancePromptBody(maxPromptChars)), required: true },
      responses: {
        200: json('The suggestion', enhancedPromptSchema),
        ...writeErrors(
          ...BODY_ERRORS,
          'missing_required_parameter',
          'prompt_refused',
          'model_not_found',
          'enhancer_not_configured',
          'enhancer_failed',
          'service_unavailable',
        ),
      },
    },
  },
});

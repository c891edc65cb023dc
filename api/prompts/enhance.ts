import type { RequestHandler } from 'express';
import { accountOf } from '../accounts/viewer.ts';
import { ApiError } from '../errors/errors.ts';
import { enhancePromptParser } from '../spec/create-schema.ts';
import { checkModel } from '../spec/spec.ts';
import type { PromptDeps } from './deps.ts';
import type { EnhancedPrompt } from './enhance-schema.ts';

/**
 * `POST /videos/enhance`: another wording of a prompt, which is used for nothing. A prompt that would be refused is not sent on.
 * The body has been read.
 */
export function enhanceHandler({ profile, aliases, limits, policy, enhancer }: PromptDeps): RequestHandler {
  const parse = enhancePromptParser(limits.promptChars);
  return async (req, res) => {
    if (enhancer === undefined) throw new ApiError('enhancer_not_configured');
    const { prompt, model } = parse(req.body as Record<string, unknown>);
    if (model !== undefined) checkModel(model, profile, aliases);
    const { id: accountId } = accountOf(res);
    await policy.check({ prompt, negativePrompt: '', accountId });
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    const request = { prompt, accountId, profile, maxPromptChars: limits.promptChars, signal: gone.signal };
    const enhanced = await enhancer.enhance(request);
    res.setHeader('cache-control', 'no-store');
    res.json({ object: 'video.enhanced_prompt', prompt, enhanced_prompt: enhanced } satisfies EnhancedPrompt);
  };
}

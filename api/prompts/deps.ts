import type { ModelProfile } from '../../contract/model-profile.ts';
import type { BodyTimes } from '../http/body/read-bytes.ts';
import type { PromptPolicy } from '../policy/prompt-policy.ts';
import type { PromptEnhancer } from './enhancer.ts';
import type { TokenCounter } from './token-counter.ts';

/** What the routes of prompts work with. */
export interface PromptDeps {
  profile: ModelProfile;
  /** Other names under which the model may be asked for. */
  aliases: readonly string[];
  policy: PromptPolicy;
  /** @default no tokens are known */
  countTokens?: TokenCounter['count'] | undefined;
  /** Rewrites prompts. @default prompts are not rewritten here */
  enhancer?: PromptEnhancer | undefined;
  limits: {
    bodyBytes: number;
    bodyTimes?: BodyTimes;
    promptChars: number;
  };
}

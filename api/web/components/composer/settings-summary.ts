import type { Model } from '../../client/types.ts';
import { intervalText } from '../../format/facts.ts';
import type { Draft } from './form-values.ts';

/** What a draft sets that is not as the model has it: to be seen while the section that holds it is closed. */
export function setApart(draft: Draft, model: Model): string[] {
  const interval = intervalText(draft.interval);
  return [
    draft.seed.trim() !== '' && `seed ${draft.seed.trim()}`,
    draft.steps !== String(model.default_steps) && draft.steps !== '' && `${draft.steps} steps`,
    draft.guidance !== String(model.default_guidance) && draft.guidance !== '' && `guidance ${draft.guidance}`,
    interval !== '' && `guided ${interval}`,
    draft.negativePrompt.trim() !== '' && 'a negative prompt',
  ].filter((fact) => fact !== false);
}

import type { Model } from '../client/types.ts';
import type { Draft } from './draft.ts';
import { Field } from './field.tsx';

interface Props {
  model: Model;
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
  /** Names as in the API, with what is wrong. */
  errors: Record<string, string>;
}

/** What most people leave as it is. */
export function MoreSettings({ model, draft, onChange, errors }: Props) {
  return (
    <details className="more" open={Object.keys(errors).some((name) => name !== 'prompt') || undefined}>
      <summary>More settings</summary>
      <div className="more-grid">
        <Field label="Seed" hint="Empty for a random one" error={errors.seed}>
          {(props) => (
            <input
              {...props}
              inputMode="numeric"
              pattern="[0-9]{1,16}"
              placeholder="random"
              value={draft.seed}
              onChange={(event) => onChange({ seed: event.target.value })}
            />
          )}
        </Field>
        <Field label="Steps" hint={`2 to ${model.max_steps}; more take longer`} error={errors.num_inference_steps}>
          {(props) => (
            <input
              {...props}
              type="number"
              min={2}
              max={model.max_steps}
              required
              value={draft.steps}
              onChange={(event) => onChange({ steps: event.target.value })}
            />
          )}
        </Field>
        <Field label="Guidance" hint="0 to 20; higher follows the prompt more" error={errors.guidance_scale}>
          {(props) => (
            <input
              {...props}
              type="number"
              min={0}
              max={20}
              step={0.1}
              required
              value={draft.guidance}
              onChange={(event) => onChange({ guidance: event.target.value })}
            />
          )}
        </Field>
      </div>
      <Field label="Negative prompt" hint="What should not be seen" error={errors.negative_prompt}>
        {(props) => (
          <textarea
            {...props}
            rows={2}
            value={draft.negativePrompt}
            onChange={(event) => onChange({ negativePrompt: event.target.value })}
          />
        )}
      </Field>
    </details>
  );
}

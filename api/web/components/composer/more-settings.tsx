import type { Model } from '../../client/types.ts';
import { intervalText } from '../../format/facts.ts';
import type { FormValues } from './form-values.ts';
import type { Problems } from './form-problems.ts';
import { Field } from '../elements/field.tsx';
import { DownIcon } from '../elements/icons.tsx';
import { TokenMeter } from './token-meter.tsx';
import type { TextTokens } from './use-tokens.ts';

interface Props {
  model: Model;
  values: FormValues;
  onChange: (change: Partial<FormValues>) => void;
  problems: Problems;
  /** Of the negative prompt; null while they are not known. */
  tokens: TextTokens | null;
}

/** The rarely changed settings. The summary lists those that differ from the defaults. */
export function MoreSettings({ model, values, onChange, problems, tokens }: Props) {
  const changed = changedSettings(values, model);
  const interval = intervalText(values.interval);
  return (
    <details className="more">
      <summary>
        <DownIcon />
        More settings
        <span className="more-changed numbers">
          {changed.length > 0
            ? changed.join(', ')
            : `${model.default_steps} steps · guidance ${model.default_guidance}`}
        </span>
      </summary>
      <div className="more-grid">
        <Field label="Seed" hint="Leave empty for a random one" error={problems.seed}>
          {(props) => (
            <input
              {...props}
              inputMode="numeric"
              placeholder="Random"
              value={values.seed}
              onChange={(event) => onChange({ seed: event.target.value })}
            />
          )}
        </Field>
        <Field label="Steps" hint={`2 to ${model.max_steps}; more steps take longer`} error={problems.steps}>
          {(props) => (
            <input
              {...props}
              type="number"
              min={2}
              max={model.max_steps}
              step="any"
              value={values.steps}
              onChange={(event) => onChange({ steps: event.target.value })}
            />
          )}
        </Field>
        <Field label="Guidance" hint="0 to 20; higher values follow the prompt more closely" error={problems.guidance}>
          {(props) => (
            <input
              {...props}
              type="number"
              min={0}
              max={20}
              step="any"
              value={values.guidance}
              onChange={(event) => onChange({ guidance: event.target.value })}
            />
          )}
        </Field>
      </div>
      {interval !== '' && (
        <p className="more-interval">
          Guided {interval}, as in the edited video.
          <button type="button" className="outlined" onClick={() => onChange({ interval: {} })}>
            Guide all steps
          </button>
        </p>
      )}
      <Field label="Negative prompt" hint="What should not be seen" error={problems.negativePrompt}>
        {(props) => (
          <textarea
            {...props}
            rows={2}
            dir="auto"
            value={values.negativePrompt}
            onChange={(event) => onChange({ negativePrompt: event.target.value })}
          />
        )}
      </Field>
      <TokenMeter what="negative prompt" text={tokens} />
    </details>
  );
}

/** The settings that differ from the model's defaults. */
function changedSettings(values: FormValues, model: Model): string[] {
  const interval = intervalText(values.interval);
  return [
    values.seed.trim() !== '' && `seed ${values.seed.trim()}`,
    values.steps !== String(model.default_steps) && values.steps !== '' && `${values.steps} steps`,
    values.guidance !== String(model.default_guidance) && values.guidance !== '' && `guidance ${values.guidance}`,
    interval !== '' && `guided ${interval}`,
    values.negativePrompt.trim() !== '' && 'a negative prompt',
  ].filter((setting) => setting !== false);
}

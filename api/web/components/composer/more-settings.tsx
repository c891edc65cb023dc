import type { Model } from '../../client/types.ts';
import { intervalText } from '../../format/facts.ts';
import type { Draft } from './form-values.ts';
import type { Problems } from './form-problems.ts';
import { Field } from '../elements/field.tsx';
import { setApart } from './settings-summary.ts';

interface Props {
  model: Model;
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
  problems: Problems;
}

/** What most people leave as it is. Closed, it tells what is not. */
export function MoreSettings({ model, draft, onChange, problems }: Props) {
  const apart = setApart(draft, model);
  const interval = intervalText(draft.interval);
  return (
    <details className="more">
      <summary>More settings{apart.length > 0 && <small className="more-apart"> {apart.join(', ')}</small>}</summary>
      <div className="more-grid">
        <Field label="Seed" hint="Empty for a random one" error={problems.seed}>
          {(props) => (
            <input
              {...props}
              inputMode="numeric"
              placeholder="random"
              value={draft.seed}
              onChange={(event) => onChange({ seed: event.target.value })}
            />
          )}
        </Field>
        <Field label="Steps" hint={`2 to ${model.max_steps}; more take longer`} error={problems.steps}>
          {(props) => (
            <input
              {...props}
              type="number"
              min={2}
              max={model.max_steps}
              step="any"
              value={draft.steps}
              onChange={(event) => onChange({ steps: event.target.value })}
            />
          )}
        </Field>
        <Field label="Guidance" hint="0 to 20; higher follows the prompt more" error={problems.guidance}>
          {(props) => (
            <input
              {...props}
              type="number"
              min={0}
              max={20}
              step="any"
              value={draft.guidance}
              onChange={(event) => onChange({ guidance: event.target.value })}
            />
          )}
        </Field>
      </div>
      {interval !== '' && (
        <p className="more-interval">
          Guided {interval}, as in the edited video.
          <button type="button" onClick={() => onChange({ interval: {} })}>
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
            value={draft.negativePrompt}
            onChange={(event) => onChange({ negativePrompt: event.target.value })}
          />
        )}
      </Field>
    </details>
  );
}

import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { ApiError } from '../client/api-error.ts';
import type { Model, Video } from '../client/types.ts';
import { useActions } from '../state/actions.ts';
import { requestFailure } from '../words/failures.ts';
import { Choices } from './choices.tsx';
import { bodyOf, type Draft, draftOf, emptyDraft, lengthChoices, sizeChoices, UNSETTLED } from './draft.ts';
import { Examples } from './examples.tsx';
import { Field } from './field.tsx';
import { MoreSettings } from './more-settings.tsx';
import './composer.css';

interface Props {
  /** null until the server has said what it makes. */
  model: Model | null;
  /** A video whose settings are to be taken over. */
  edited: Video | null;
}

/** Fields of the form that the API may find fault with; anything else is said below the form. */
const FIELDS = new Set(['prompt', 'seed', 'num_inference_steps', 'guidance_scale', 'negative_prompt']);

/** What to make: everything that can be chosen here is valid. */
export function Composer({ model, edited }: Props) {
  const { create } = useActions();
  const [draft, setDraft] = useState<Draft>(UNSETTLED);
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const prompt = useRef<HTMLTextAreaElement>(null);
  const settled = draft.size !== '';
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));

  useEffect(() => {
    // What has been typed meanwhile stays.
    if (model) setDraft((old) => (old.size === '' ? { ...emptyDraft(model), prompt: old.prompt } : old));
  }, [model]);
  useEffect(() => {
    if (!edited || !model) return;
    setDraft(draftOf(edited, model));
    prompt.current?.focus();
  }, [edited, model]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (working || !settled) return;
    setWorking(true);
    setFailure(null);
    await create(bodyOf(draft)).catch(setFailure);
    setWorking(false);
  };
  const submitByKey = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
  };

  const param = failure instanceof ApiError && failure.param !== null && FIELDS.has(failure.param) ? failure.param : '';
  const errors: Record<string, string> = param === '' ? {} : { [param]: requestFailure(failure) };
  return (
    <form className="card composer" onSubmit={(event) => void submit(event)} onKeyDown={submitByKey}>
      <h2 className="visually-hidden">New video</h2>
      <Field label="What should the video show?" error={errors.prompt}>
        {(props) => (
          <textarea
            {...props}
            ref={prompt}
            rows={4}
            required
            value={draft.prompt}
            onChange={(event) => change({ prompt: event.target.value })}
          />
        )}
      </Field>
      {model && settled && (
        <>
          <Examples
            prompts={model.example_prompts}
            onPick={(text) => {
              change({ prompt: text });
              prompt.current?.focus();
            }}
          />
          <Choices
            legend="Size"
            name="size"
            choices={sizeChoices(model, draft)}
            value={draft.size}
            onChange={(size) => change({ size })}
          />
          <Choices
            legend="Length"
            name="length"
            choices={lengthChoices(model, draft)}
            value={draft.length}
            onChange={(length) => change({ length })}
          />
          <MoreSettings model={model} draft={draft} onChange={change} errors={errors} />
        </>
      )}
      <div className="composer-submit">
        <button type="submit" className="primary" disabled={!settled || working}>
          {working ? 'Submitting…' : 'Make the video'}
        </button>
        <small>Ctrl or ⌘ + Enter</small>
        <div role="alert">
          {failure !== null && param === '' && <p className="field-error">{requestFailure(failure)}</p>}
        </div>
      </div>
    </form>
  );
}

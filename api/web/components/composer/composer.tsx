import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../client/api-error.ts';
import type { Model, Video } from '../../client/types.ts';
import { estimateText } from '../../format/estimate.ts';
import { requestFailure } from '../../format/failures.ts';
import { useActions } from '../../state/actions.ts';
import { useFailure } from '../../state/use-failure.ts';
import { useFirstInvalid } from '../../state/use-first-invalid.ts';
import { Field } from '../elements/field.tsx';
import { Choices } from './choices.tsx';
import { type Problems, refusedField, validate, without } from './form-problems.ts';
import { type FormValues, lengthChoices, requestBody, sizeChoices } from './form-values.ts';
import { MoreSettings } from './more-settings.tsx';
import { useEstimate } from './use-estimate.ts';
import { useFormValues } from './use-form-values.ts';
import './composer.css';

interface Props {
  /** null until it is known. */
  model: Model | null;
  /** A video whose settings are to be taken over. */
  edited: Video | null;
}

/** The form for a new video. A problem is shown at its field, whether the page finds it or the server. */
export function Composer({ model, edited }: Props) {
  const { create } = useActions();
  const [values, changeValues] = useFormValues(model, edited);
  const [sending, setSending] = useState(false);
  const [sent, setSent] = useState(0);
  const [problems, setProblems] = useState<Problems>({});
  /** As the last submit found them. */
  const [found, setFound] = useState<Problems>(problems);
  const [failure, setFailure] = useFailure();
  const form = useRef<HTMLFormElement>(null);
  const prompt = useRef<HTMLTextAreaElement>(null);
  const ready = model !== null && values.size !== '';
  useFirstInvalid(form, found);
  const estimate = useEstimate(model, values, sent);

  const showProblems = (all: Problems) => {
    setProblems(all);
    setFound(all);
    return Object.keys(all).length > 0;
  };
  const change = (part: Partial<FormValues>) => {
    changeValues(part);
    setProblems((old) => without(old, Object.keys(part)));
  };
  useEffect(() => {
    if (!edited) return;
    setProblems({});
    prompt.current?.focus();
  }, [edited]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (sending || !ready) return;
    setFailure(null);
    if (showProblems(validate(values, model))) return;
    setSending(true);
    await create(requestBody(values)).catch((error: unknown) => showProblems(refusedField(error)) || setFailure(error));
    setSending(false);
    setSent((count) => count + 1);
  };
  const submitByKey = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
  };

  return (
    <form
      ref={form}
      className="card composer"
      // The browser's own validation is silent about fields in a closed section.
      noValidate
      onSubmit={(event) => void submit(event)}
      onKeyDown={submitByKey}
    >
      <h2 className="visually-hidden">New video</h2>
      <Field label="Prompt" error={problems.prompt}>
        {(props) => (
          <textarea
            {...props}
            ref={prompt}
            data-focus-next
            rows={4}
            dir="auto"
            placeholder="Describe the shot: what moves, where, in which light, how the camera follows"
            value={values.prompt}
            onChange={(event) => change({ prompt: event.target.value })}
          />
        )}
      </Field>
      {ready && (
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
            choices={sizeChoices(model, values)}
            value={values.size}
            onChange={(size) => change({ size })}
          />
          <Choices
            legend="Length"
            name="length"
            choices={lengthChoices(model, values)}
            value={values.length}
            onChange={(length) => change({ length })}
          />
          <MoreSettings model={model} values={values} onChange={change} problems={problems} />
        </>
      )}
      <div className="composer-submit">
        {/* Not a live region: it changes with every setting. */}
        <p id="estimate" className="composer-estimate">
          {estimate instanceof ApiError ? requestFailure(estimate) : estimate && estimateText(estimate)}
        </p>
        {/* The `disabled` attribute would take the focus away. */}
        <button type="submit" className="primary" aria-disabled={!ready || sending} aria-describedby="estimate">
          {sending ? 'Sending…' : 'Generate'}
        </button>
        <small>Ctrl or ⌘ + Enter</small>
        <div role="alert">{failure !== null && <p className="field-error">{requestFailure(failure)}</p>}</div>
      </div>
    </form>
  );
}

/** Prompts that show what the model is good at. */
function Examples({ prompts, onPick }: { prompts: string[]; onPick: (prompt: string) => void }) {
  if (prompts.length === 0) return null;
  return (
    <section className="examples" aria-label="Example prompts">
      <h3>Or try one of these</h3>
      <ul>
        {prompts.map((prompt) => (
          <li key={prompt}>
            <button type="button" dir="auto" title={prompt} onClick={() => onPick(prompt)}>
              {prompt}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

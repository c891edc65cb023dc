import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Model, Video } from '../../client/types.ts';
import { useActions } from '../../state/actions.ts';
import { useFailure } from '../../state/use-failure.ts';
import { useFirstInvalid } from '../../state/use-first-invalid.ts';
import { requestFailure } from '../../format/failures.ts';
import { Choices } from './choices.tsx';
import { bodyOf, type Draft, lengthChoices, sizeChoices } from './form-values.ts';
import { type Problems, problemsOf, refusedField, without } from './form-problems.ts';
import { Examples } from './examples.tsx';
import { Field } from '../elements/field.tsx';
import { MoreSettings } from './more-settings.tsx';
import { useDraft } from './use-form-values.ts';
import './composer.css';

interface Props {
  /** null until the server has said what it makes. */
  model: Model | null;
  /** A video whose settings are to be taken over. */
  edited: Video | null;
}

/** What to make. What is wrong with it is said at its field, whether the page finds it or the server. */
export function Composer({ model, edited }: Props) {
  const { create } = useActions();
  const [draft, changeDraft] = useDraft(model, edited);
  const [working, setWorking] = useState(false);
  const [problems, setProblems] = useState<Problems>({});
  const [told, setTold] = useState<Problems>(problems);
  const [failure, setFailure] = useFailure();
  const form = useRef<HTMLFormElement>(null);
  const prompt = useRef<HTMLTextAreaElement>(null);
  const ready = model !== null && draft.size !== '';
  useFirstInvalid(form, told);

  const tell = (wrong: Problems) => {
    setProblems(wrong);
    setTold(wrong);
    return Object.keys(wrong).length > 0;
  };
  const change = (part: Partial<Draft>) => {
    changeDraft(part);
    setProblems((old) => without(old, Object.keys(part)));
  };
  useEffect(() => {
    if (!edited) return;
    setProblems({});
    prompt.current?.focus();
  }, [edited]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (working || !ready) return;
    setFailure(null);
    if (tell(problemsOf(draft, model))) return;
    setWorking(true);
    await create(bodyOf(draft)).catch((error: unknown) => tell(refusedField(error)) || setFailure(error));
    setWorking(false);
  };
  const submitByKey = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
  };

  return (
    <form
      ref={form}
      className="card composer"
      // A browser's own check says nothing where the field is hidden.
      noValidate
      onSubmit={(event) => void submit(event)}
      onKeyDown={submitByKey}
    >
      <h2 className="visually-hidden">New video</h2>
      <Field label="What should the video show?" error={problems.prompt}>
        {(props) => (
          <textarea
            {...props}
            ref={prompt}
            data-focus-next
            rows={4}
            dir="auto"
            value={draft.prompt}
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
          <MoreSettings model={model} draft={draft} onChange={change} problems={problems} />
        </>
      )}
      <div className="composer-submit">
        {/* Disabled for good, it would lose the focus. */}
        <button type="submit" className="primary" aria-disabled={!ready || working}>
          {working ? 'Submitting…' : 'Make the video'}
        </button>
        <small>Ctrl or ⌘ + Enter</small>
        <div role="alert">{failure !== null && <p className="field-error">{requestFailure(failure)}</p>}</div>
      </div>
    </form>
  );
}

import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { MadeWith, Model, Video } from '../../client/types.ts';
import { useActions } from '../../state/actions.ts';
import { useFailure } from '../../state/use-failure.ts';
import { useFirstInvalid } from '../../state/use-first-invalid.ts';
import { useKeys } from '../../state/use-keys.ts';
import { Field } from '../elements/field.tsx';
import { IconButton } from '../elements/icon-button.tsx';
import { CloseIcon, DownIcon } from '../elements/icons.tsx';
import { Choices } from './choices.tsx';
import { Enhance } from './enhance.tsx';
import { EarlierPrompts } from './earlier-prompts.tsx';
import { type Problems, refusedField, validate, without } from './form-problems.ts';
import { type FormValues, lengthChoices, requestBody, sizeChoices, VARIATION_CHOICES } from './form-values.ts';
import { MoreSettings } from './more-settings.tsx';
import { Submit } from './submit.tsx';
import { summaryOf } from './summary.ts';
import { TokenMeter } from './token-meter.tsx';
import { useEstimate } from './use-estimate.ts';
import { useFormValues } from './use-form-values.ts';
import { useTokens } from './use-tokens.ts';
import './composer.css';
import './dock.css';

/** A prompt to take over, once for each object. */
export interface Suggestion {
  prompt: string;
}

interface Props {
  /** null until it is known. */
  model: Model | null;
  /** Settings that are to be taken over, once for each object. */
  edited: MadeWith | null;
  suggestion: Suggestion | null;
  /** Newest first. */
  earlier: Video[];
  onEarlier: (prompt: string) => void;
  /** The server enhances prompts. */
  enhances: boolean;
}

/**
 * The form for a new video. A problem is shown at its field, whether the page finds it or the server. In a narrow window it is
 * a dock at the bottom, which opens into a sheet.
 */
export function Composer({ model, edited, suggestion, earlier, onEarlier, enhances }: Props) {
  const { create } = useActions();
  const [values, changeValues] = useFormValues(model, edited);
  const [sending, setSending] = useState(false);
  const [sent, setSent] = useState(0);
  const [open, setOpen] = useState(false);
  const [problems, setProblems] = useState<Problems>({});
  /** As the last submit found them. */
  const [found, setFound] = useState<Problems>(problems);
  const [failure, setFailure] = useFailure();
  const form = useRef<HTMLFormElement>(null);
  const prompt = useRef<HTMLTextAreaElement>(null);
  const ready = model !== null && values.size !== '';
  useFirstInvalid(form, found);
  useKeys({ P: () => prompt.current?.focus() });
  const estimate = useEstimate(model, values, sent);
  const tokens = useTokens(model, values);

  const showProblems = (all: Problems) => {
    const any = Object.keys(all).length > 0;
    setProblems(all);
    // What is closed cannot take the focus.
    if (any) setOpen(true);
    setFound(all);
    return any;
  };
  const change = (part: Partial<FormValues>) => {
    changeValues(part);
    setProblems((old) => without(old, Object.keys(part)));
  };
  useEffect(() => {
    if (!edited) return;
    setProblems({});
    setOpen(true);
    prompt.current?.focus();
  }, [edited]);
  useEffect(() => {
    if (!suggestion) return;
    changeValues({ prompt: suggestion.prompt, originalPrompt: '' });
    setProblems({});
    prompt.current?.focus();
  }, [suggestion]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (sending || !ready) return;
    setFailure(null);
    if (showProblems(validate(values, model))) return;
    setSending(true);
    await create(requestBody(values)).then(
      () => setOpen(false),
      (error: unknown) => showProblems(refusedField(error)) || setFailure(error),
    );
    setSending(false);
    setSent((count) => count + 1);
  };
  /** What is written from an empty field on is no other wording of anything. */
  const typed = (text: string) => ({ prompt: text, ...(text.trim() === '' && { originalPrompt: '' }) });
  const keyDown = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
    if (event.key === 'Escape') setOpen(false);
  };

  return (
    <form
      ref={form}
      className={open ? 'composer composer-open' : 'composer'}
      aria-label="New video"
      // The browser's own validation is silent about fields in a closed section.
      noValidate
      onSubmit={(event) => void submit(event)}
      onKeyDown={keyDown}
    >
      <div className="dock-head">
        <h2>New video</h2>
        <IconButton name="Close" onClick={() => setOpen(false)}>
          <CloseIcon />
        </IconButton>
      </div>
      <button type="button" className="dock-summary numbers" aria-expanded={open} onClick={() => setOpen(true)}>
        <span className="visually-hidden">Settings: </span>
        {ready ? summaryOf(values, estimate) : 'Settings'}
        <DownIcon />
      </button>
      <div className="composer-fields">
        <Field label="Prompt" labelHidden error={problems.prompt}>
          {(props) => (
            <textarea
              {...props}
              ref={prompt}
              data-focus-next
              className="composer-prompt"
              rows={4}
              dir="auto"
              placeholder="Describe the shot: what moves, where, in which light, how the camera follows"
              value={values.prompt}
              onChange={(event) => change(typed(event.target.value))}
            />
          )}
        </Field>
        <div className="composer-prompt-foot">
          <TokenMeter what="prompt" text={tokens.prompt} />
          {enhances && <Enhance prompt={values.prompt} original={values.originalPrompt} onChange={change} />}
        </div>
        {ready && (
          <div className="composer-settings">
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
            <Choices
              legend="Variations"
              name="variations"
              choices={VARIATION_CHOICES}
              value={values.variations}
              onChange={(variations) => change({ variations })}
            />
            <MoreSettings
              model={model}
              values={values}
              onChange={change}
              problems={problems}
              tokens={tokens.negativePrompt}
            />
          </div>
        )}
      </div>
      <Submit
        estimate={estimate}
        failure={failure}
        ready={ready}
        sending={sending}
        variations={Number(values.variations)}
      />
      <EarlierPrompts videos={earlier} onPick={onEarlier} />
    </form>
  );
}

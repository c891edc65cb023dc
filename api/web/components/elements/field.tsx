import { type ReactNode, useId } from 'react';
import './field.css';

/** Ties an input to its label, hint and error. */
export interface FieldInputProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
}

interface Props {
  label: string;
  /** The label is for screen readers alone. @default false */
  labelHidden?: boolean;
  hint?: string;
  error?: string;
  children: (props: FieldInputProps) => ReactNode;
}

/** A labelled input with its hint and its error. */
export function Field({ label, labelHidden = false, hint, error, children }: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id} className={labelHidden ? 'visually-hidden' : undefined}>
        {label}
      </label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error !== undefined })}
      {hint && (
        <small id={`${id}-hint`} className="field-hint">
          {hint}
        </small>
      )}
      {error && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
}

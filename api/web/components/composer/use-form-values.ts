import { useEffect, useRef, useState } from 'react';
import type { MadeWith, Model } from '../../client/types.ts';
import { defaultValues, EMPTY_VALUES, type FormValues, valuesOf } from './form-values.ts';

/** In session storage: what is typed stays in its tab. */
const NAME = 'kinora-form';

/**
 * The form's values. They survive a reload.
 *
 * @param model null until it is known
 * @param edited settings that are taken over, once for each object
 */
export function useFormValues(
  model: Model | null,
  edited: MadeWith | null,
): [FormValues, (change: Partial<FormValues>) => void] {
  const [values, setValues] = useState<FormValues>(() => storedValues() ?? EMPTY_VALUES);
  useEffect(() => {
    // A prompt that was typed before the model was known stays.
    if (model) setValues((old) => (old.size === '' ? { ...defaultValues(model), prompt: old.prompt } : old));
  }, [model]);
  const applied = useRef<MadeWith | null>(null);
  useEffect(() => {
    if (!edited || !model || applied.current === edited) return;
    applied.current = edited;
    setValues(valuesOf(edited, model));
  }, [edited, model]);
  useEffect(() => storeValues(values === EMPTY_VALUES ? null : values), [values]);
  return [values, (change) => setValues((old) => ({ ...old, ...change }))];
}

/** @returns null where nothing is stored, or another version of the page stored it */
function storedValues(): FormValues | null {
  try {
    const stored = JSON.parse(sessionStorage.getItem(NAME) ?? 'null') as Partial<FormValues> | null;
    if (typeof stored !== 'object' || stored === null) return null;
    const values = { ...EMPTY_VALUES, ...stored };
    const names = Object.keys(EMPTY_VALUES) as (keyof FormValues)[];
    return names.every((name) => typeof values[name] === typeof EMPTY_VALUES[name]) ? values : null;
  } catch {
    return null;
  }
}

/** @param values null clears what is stored */
export function storeValues(values: FormValues | null): void {
  try {
    if (values === null) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, JSON.stringify(values));
  } catch {
    // Storage is full or switched off: the form works without it.
  }
}

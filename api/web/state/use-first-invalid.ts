import { type RefObject, useEffect } from 'react';

/**
 * Brings the viewer to the first field of a form that has something wrong with it, wherever it is hidden.
 *
 * @param told another object each time that problems are told
 */
export function useFirstInvalid(form: RefObject<HTMLElement | null>, told: object): void {
  useEffect(() => {
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (!field) return;
    for (let at = field.closest('details'); at; at = at.parentElement?.closest('details') ?? null) at.open = true;
    field.focus();
  }, [form, told]);
}

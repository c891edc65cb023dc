import { type RefObject, useEffect } from 'react';

/**
 * Focuses the first invalid field of a form, and opens the section that hides it.
 *
 * @param found the problems; each new object moves the focus
 */
export function useFirstInvalid(form: RefObject<HTMLElement | null>, found: object): void {
  useEffect(() => {
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (!field) return;
    for (let at = field.closest('details'); at; at = at.parentElement?.closest('details') ?? null) at.open = true;
    field.focus();
  }, [form, found]);
}

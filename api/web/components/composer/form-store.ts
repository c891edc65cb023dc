import { type Draft, UNSETTLED } from './form-values.ts';

/** In this tab alone: what is typed is for nobody else who uses the browser. */
const NAME = 'kinora-draft';

/** What was in the form before the page was loaded again; null where there is nothing. */
export function storedDraft(): Draft | null {
  try {
    const stored = JSON.parse(sessionStorage.getItem(NAME) ?? 'null') as Partial<Draft> | null;
    if (typeof stored !== 'object' || stored === null) return null;
    const draft = { ...UNSETTLED, ...stored };
    // It may be of another version of the page.
    return Object.entries(UNSETTLED).every(([name, value]) => typeof draft[name as keyof Draft] === typeof value)
      ? draft
      : null;
  } catch {
    return null;
  }
}

/** @param draft null forgets it */
export function storeDraft(draft: Draft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, JSON.stringify(draft));
  } catch {
    // A browser without storage, or a full one: the form works without.
  }
}

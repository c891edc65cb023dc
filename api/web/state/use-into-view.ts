import { type RefObject, useEffect } from 'react';

/**
 * Brings an element into view when something new is in it, where its beginning is not in the upper half of the window
 * already: below the form on a phone, far above the gallery's last card.
 *
 * @param content what is in it; null for nothing
 */
export function useIntoView(ref: RefObject<HTMLElement | null>, content: string | null): void {
  useEffect(() => {
    if (content === null || ref.current === null) return;
    const { top } = ref.current.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) ref.current.scrollIntoView();
  }, [ref, content]);
}

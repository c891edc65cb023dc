import { useEffect } from 'react';

/**
 * Keeps the keyboard's place. When the focused element is removed, such as a Cancel button, the nearest one with
 * `data-focus-next` takes the focus; by itself it would go back to the top of the page. Elements with `data-focus-own` handle
 * this themselves.
 */
export function useFocusKept(): void {
  useEffect(() => {
    /** The focused element and its ancestors. */
    let path: HTMLElement[] = [];
    const remember = ({ target }: FocusEvent) => (path = ancestors(target as HTMLElement));
    const leave = () =>
      // The element may be about to be removed.
      queueMicrotask(() => {
        if (path[0]?.isConnected && document.activeElement === document.body) path = [];
      });
    const observer = new MutationObserver(() => {
      if (path.length === 0 || path[0]!.isConnected || document.activeElement !== document.body) return;
      const next = path.some(({ dataset }) => 'focusOwn' in dataset) ? null : nearest(path);
      path = [];
      next?.focus({ preventScroll: true });
    });
    observer.observe(document.body, { childList: true, subtree: true });
    document.addEventListener('focusin', remember);
    document.addEventListener('focusout', leave);
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', remember);
      document.removeEventListener('focusout', leave);
    };
  }, []);
}

function ancestors(element: HTMLElement): HTMLElement[] {
  const path: HTMLElement[] = [];
  for (let at: HTMLElement | null = element; at; at = at.parentElement) path.push(at);
  return path;
}

function nearest(path: HTMLElement[]): HTMLElement | null {
  for (const element of path) {
    const next = element.isConnected ? element.querySelector<HTMLElement>('[data-focus-next]') : null;
    if (next?.checkVisibility()) return next;
  }
  return null;
}

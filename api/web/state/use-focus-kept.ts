import { useEffect } from 'react';

/**
 * Keeps the keyboard's place: where the element that has the focus goes away, such as the button that cancels, what is next
 * to it and has `data-focus-next` takes the focus; else it would fall back to the beginning of the page. What has
 * `data-focus-own` sees to it itself.
 */
export function useFocusKept(): void {
  useEffect(() => {
    /** The element that has the focus, and all around it. */
    let path: HTMLElement[] = [];
    const remember = ({ target }: FocusEvent) => (path = around(target as HTMLElement));
    const leave = () =>
      // The element may be about to go.
      queueMicrotask(() => {
        if (path[0]?.isConnected && document.activeElement === document.body) path = [];
      });
    const observer = new MutationObserver(() => {
      if (path.length === 0 || path[0]!.isConnected || document.activeElement !== document.body) return;
      const next = path.some(({ dataset }) => 'focusOwn' in dataset) ? null : nextTo(path);
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

function around(element: HTMLElement): HTMLElement[] {
  const path: HTMLElement[] = [];
  for (let at: HTMLElement | null = element; at; at = at.parentElement) path.push(at);
  return path;
}

function nextTo(path: HTMLElement[]): HTMLElement | null {
  for (const element of path) {
    const next = element.isConnected ? element.querySelector<HTMLElement>('[data-focus-next]') : null;
    if (next?.checkVisibility()) return next;
  }
  return null;
}

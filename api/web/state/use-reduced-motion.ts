import { useSyncExternalStore } from 'react';

const query = matchMedia('(prefers-reduced-motion: reduce)');

function subscribe(listener: () => void) {
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** True where the viewer wants nothing to move by itself. */
export const useReducedMotion = (): boolean => useSyncExternalStore(subscribe, () => query.matches);

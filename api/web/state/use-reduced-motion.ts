import { useSyncExternalStore } from 'react';

const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

function subscribe(listener: () => void) {
  reducedMotion.addEventListener('change', listener);
  return () => reducedMotion.removeEventListener('change', listener);
}

/** True where the viewer's system asks for no motion. */
export const useReducedMotion = (): boolean => useSyncExternalStore(subscribe, () => reducedMotion.matches);

import { useCallback, useSyncExternalStore } from 'react';

/** Told when the page itself changes the address: the browser tells of its own changes alone. */
const listeners = new Set<() => void>();

/** A query parameter of the page's address; null if absent. */
export const inAddress = (name: string) => new URLSearchParams(location.search).get(name);

/**
 * Changes several query parameters of the page's address at once.
 *
 * @param values null takes one away
 * @param how `replace` leaves no way back, for what is gone
 */
export function setAddress(values: Record<string, string | null>, how: 'push' | 'replace' = 'push'): void {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(values)) {
    if (value === null) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  if (address.href === location.href) return;
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  for (const listener of listeners) listener();
}

/** A query parameter of the page's address, so that a reload or a shared link shows the same; null if absent. */
export function useAddress(name: string): [string | null, (value: string | null) => void] {
  const value = useInAddress(() => inAddress(name));
  const show = useCallback((next: string | null) => setAddress({ [name]: next }), [name]);
  return [value, show];
}

/** What of the address `read` says; the component is rendered anew when that changes. */
export const useInAddress = <T extends string | null>(read: () => T): T => useSyncExternalStore(subscribe, read);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('popstate', listener);
  };
}

import { StoreDeniedError } from './object-store.ts';

/** The store's refusal in an error or its causes; null where there is none. */
export function deniedIn(error: unknown): StoreDeniedError | null {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof StoreDeniedError) return at;
  return null;
}

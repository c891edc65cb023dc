import { inAddress, setAddress } from './use-address.ts';

/** Videos that are compared at a time; more are too small to judge. */
export const MOST_COMPARED = 4;

/** Ids of the address: the featured video's, and of those that it is compared with. */
const shownIds = (): string[] => {
  const featured = inAddress('video');
  return featured === null ? [] : [featured, ...comparedIds(inAddress('compare'), featured)];
};

const show = (ids: string[], how?: 'replace') =>
  setAddress({ video: ids[0] ?? null, compare: ids.slice(1).join() || null }, how);

/** Ids of those that the featured video is compared with. @param text of the address */
export function comparedIds(text: string | null, featured: string | null): string[] {
  const ids = new Set(text?.split(',').filter((id) => id !== '' && id !== featured));
  return [...ids].slice(0, MOST_COMPARED - 1);
}

/** Adds a video to the comparison with the featured one. @returns how many are compared; null if there is no room for it */
export function addCompared(id: string): number | null {
  const ids = [...new Set([...shownIds(), id])];
  if (ids.length > MOST_COMPARED) return null;
  show(ids);
  return ids.length;
}

/**
 * Takes a video out of the address: the featured one gives its place to the next.
 *
 * @param how `replace` for one that is gone
 */
export const removeCompared = (id: string, how?: 'replace') =>
  show(
    shownIds().filter((shown) => shown !== id),
    how,
  );

/** Requests at a time: a browser has six connections to a server, and the page needs some of them. */
const AT_ONCE = 4;

/** What could not be done, and why. */
export interface Failed<T> {
  item: T;
  error: unknown;
}

/**
 * Does something with each item, a few at a time.
 *
 * @param work rejects where it fails; the others go on
 */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
  atOnce = AT_ONCE,
): Promise<Failed<T>[]> {
  const failed: Failed<T>[] = [];
  const left = items.values();
  const takeTurns = async () => {
    for (const item of left) await work(item).catch((error: unknown) => failed.push({ item, error }));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, takeTurns));
  return failed;
}

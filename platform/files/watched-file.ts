import { stat } from 'node:fs/promises';

/**
 * Between two checks of a file. Polling beats watching: it sees through the symbolic links that Kubernetes swaps, and works
 * on every file system.
 */
const POLL_MS = 1_000;

/** A file's content that follows the file. */
export interface Watched<T> {
  /** As it was read last. */
  readonly value: T;
  close(): void;
}

/**
 * Reads a file, and again whenever it has changed.
 *
 * @param read the file's path to its content; what it throws the first time is thrown
 * @param onChange is told of every later read: the new value, or why there is none; then the last one stays
 */
export async function watchFile<T>(
  path: string,
  read: (path: string) => Promise<T>,
  onChange: (change: { value: T } | { error: Error }) => void,
): Promise<Watched<T>> {
  // Before the read: a change that comes in between is seen at the next check.
  let stamp = await stampOf(path);
  let value = await read(path);
  let checking = false;
  const check = async () => {
    const latest = await stampOf(path);
    if (latest === stamp) return;
    stamp = latest;
    try {
      value = await read(path);
      onChange({ value });
    } catch (error) {
      onChange({ error: error as Error });
    }
  };
  const timer = setInterval(() => {
    if (checking) return;
    checking = true;
    void check().finally(() => (checking = false));
  }, POLL_MS).unref();
  return {
    get value() {
      return value;
    },
    close: () => clearInterval(timer),
  };
}

/** Differs whenever the file, or what its name leads to, has changed. */
async function stampOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

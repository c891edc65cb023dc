import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../platform/files/folder.ts';
import { isAlive } from '../platform/process/process-alive.ts';

/** A folder untouched for this long is abandoned; the longest activity is far shorter. */
const STALE_MS = 24 * 60 * 60 * 1000;

/**
 * Local folders for the files of running activities, one for each, deleted when it ends. Their names say which process
 * made them, so that {@link sweep} can delete what killed processes left behind.
 */
export class WorkFolders {
  readonly #root: string;

  /** @param root made when first needed; several processes may share it */
  constructor(root: string) {
    this.#root = root;
  }

  /** Deletes what dead processes left behind. To be called before the first {@link use} of this process. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#root).catch(() => [])) {
      const path = join(this.#root, name);
      if (await isAbandoned(name, path)) await rm(path, { recursive: true, force: true });
    }
  }

  /** Gives `work` a folder of its own, which is deleted however it ends. */
  async use<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(this.#root, `${process.pid}@${hostname()}@${randomUUID()}`);
    await makeFolder(folder);
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function isAbandoned(name: string, path: string): Promise<boolean> {
  const [pid, host] = name.split('@');
  // In a container every process is number 1: a folder of our own number is from before our start.
  if (host === hostname() && (Number(pid) === process.pid || !isAlive(Number(pid)))) return true;
  // Else its number may be another process's by now.
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > STALE_MS;
}

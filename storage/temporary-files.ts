import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../platform/files/folder.ts';
import { isAlive } from '../platform/process/process-alive.ts';

export interface TemporaryFile {
  path: string;
  handle: FileHandle;
  /** Closes it, and deletes it unless it was renamed. */
  discard(): Promise<void>;
}

/**
 * A writer that has been silent for this long is taken for dead. The first limit holds where no process of this machine has
 * its id: not at once, because a container that shares the folder may see other ids.
 */
const STALE_MS = { processGone: 10 * 60 * 1000, processUnknown: 24 * 60 * 60 * 1000 };

/**
 * Files that are being written. Their names say whose they are, so that what a killed process left behind is found and
 * deleted, at the first use and at every {@link sweep}.
 */
export class TemporaryFiles {
  readonly #folder: string;
  #swept: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async create(): Promise<TemporaryFile> {
    await makeFolder(this.#folder);
    await (this.#swept ??= this.sweep());
    const path = join(this.#folder, `${process.pid}@${hostname()}@${randomUUID()}`);
    const handle = await open(path, 'wx');
    return {
      path,
      handle,
      discard: async () => {
        await handle.close();
        await rm(path, { force: true });
      },
    };
  }

  /** Deletes what dead writers left behind. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const path = join(this.#folder, name);
      if (await isAbandoned(name, path)) await rm(path, { force: true });
    }
  }
}

async function isAbandoned(name: string, path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found === null) return false;
  const [pid, host] = name.split('@');
  const gone = host === hostname() && !isAlive(Number(pid));
  return Date.now() - found.mtimeMs > (gone ? STALE_MS.processGone : STALE_MS.processUnknown);
}

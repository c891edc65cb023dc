import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Enough for what two jobs have on a disk. */
const MEGABYTES = 48;

/** A file system of its own below a folder, in memory, that can be full. */
export class SmallDisk {
  readonly #folder: string;
  readonly #megabytes: number;

  private constructor(folder: string, megabytes: number) {
    this.#folder = folder;
    this.#megabytes = megabytes;
  }

  /** Null where this user may not mount anything. */
  static async mount(folder: string, megabytes = MEGABYTES): Promise<SmallDisk | null> {
    await mkdir(folder, { recursive: true });
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
      return new SmallDisk(folder, megabytes);
    } catch {
      return null;
    }
  }

  /** @param share of it that is taken then */
  async fill(share = 1): Promise<void> {
    await writeFile(this.#ballast, Buffer.alloc((this.#megabytes << 20) * share)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error;
      },
    );
  }

  async empty(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  async unmount(): Promise<void> {
    await run('umount', ['--lazy', this.#folder]);
  }

  get #ballast(): string {
    return join(this.#folder, 'ballast');
  }
}

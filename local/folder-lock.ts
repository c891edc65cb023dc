import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../platform/config/user-error.ts';

export interface FolderLock {
  /** Takes the file away and lets go of the lock. */
  release(): Promise<void>;
}

/**
 * Locks a folder for this process, through a file in it. It is the system's own lock: it ends with the process, however
 * that ends, and says nothing of other processes that have its number later. The number in the file is for people.
 *
 * @param tell is told where the file system or this machine has no such locks; then nothing is locked
 * @throws UserError where another process has it
 */
export async function lockFolder(folder: string, tell: (line: string) => void): Promise<FolderLock> {
  const path = join(folder, 'lock');
  for (;;) {
    const file = await open(path, 'a+', 0o600);
    let taken: boolean;
    try {
      // Loaded here: not every machine has the library's native part.
      taken = (await import('fs-native-extensions')).tryLock(file.fd);
    } catch (error) {
      tell(`${folder} cannot be locked (${(error as Error).message}): see to it that no other copy uses it.`);
      return { release: () => file.close() };
    }
    if (!taken) {
      await file.close();
      const holder = (await readFile(path, 'utf8').catch(() => '')) || 'unknown';
      throw new UserError(
        `${folder} is in use by another copy of the service (process ${holder}). Stop that, or set DATA_DIR to another folder.`,
      );
    }
    // Its previous holder may have deleted the file since it was opened here.
    if (await isInPlace(file, path)) {
      await noteHolder(file);
      return {
        release: async () => {
          await rm(path, { force: true });
          await file.close();
        },
      };
    }
    await file.close();
  }
}

async function isInPlace(file: FileHandle, path: string): Promise<boolean> {
  const [ours, there] = await Promise.all([file.stat(), stat(path).catch(() => null)]);
  return there !== null && there.ino === ours.ino && there.dev === ours.dev;
}

async function noteHolder(file: FileHandle): Promise<void> {
  try {
    await file.truncate();
    await file.write(String(process.pid));
  } catch {
    // A full disk; the lock holds all the same.
  }
}

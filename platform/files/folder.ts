import { randomUUID } from 'node:crypto';
import { access, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';

/** Whether there is a file or folder. */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Makes a folder and those above it. Node's own recursive `mkdir` never comes back where the system says of a folder's
 * parent that it is there, and of the folder that it is not possible: below `/proc`, and beyond a link that leads nowhere.
 *
 * @param mode of the folder itself @default what the umask leaves of 0777
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, { mode });
    return;
  } catch (error) {
    if (await isFolder(path)) return;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
  }
  await makeFolder(dirname(path));
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (!(await isFolder(path))) throw error;
  }
}

/**
 * Makes the folder that a setting names, unless it is there, and writes into it. A full disk is let pass: it is not the
 * setting's fault, and does not last.
 *
 * @param setting e.g. `DATA_DIR`
 * @param mode of a folder that is made
 * @throws ConfigError that names the setting; UserError where the disk is too full to make the folder
 */
export async function assertUsableFolder(setting: string, path: string, mode?: number): Promise<void> {
  try {
    await makeFolder(path, mode);
    await writeProbe(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (isDiskFull(error)) {
      if (await isFolder(path)) return;
      throw new UserError(`${setting}=${path} cannot be made: its disk is full (${code}). Free some of it.`);
    }
    throw new ConfigError(
      `${setting}=${path} cannot be used: ${message}. Set ${setting} to a folder that ${us()} may write.`,
    );
  }
}

/** @throws what the system says where nothing can be written there */
export async function writeProbe(folder: string): Promise<void> {
  const path = join(folder, `.probe-${randomUUID()}`);
  try {
    const file = await open(path, 'wx');
    try {
      await file.write('x');
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}

/** No room, or no more of it for this user. */
export const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const us = () => (process.getuid ? `the user with id ${process.getuid()}` : 'this user');

import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '../files/folder.ts';
import { privateFolder } from '../process/home.ts';

/**
 * Folder for programs that are fetched or built once per machine: `KINORA_CACHE`, else the user's cache folder, else, for a
 * user who has none, one below the system's folder for temporary files.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['KINORA_CACHE']) return env['KINORA_CACHE'];
  try {
    const usual = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kinora');
    if (existsSync(usual) || canBeMade(usual)) return usual;
  } catch {
    // The system does not know this user, nor a home.
  }
  return join(privateFolder(), 'cache');
}

function canBeMade(path: string): boolean {
  const parent = dirname(path);
  if (!existsSync(parent)) return parent !== path && canBeMade(parent);
  try {
    accessSync(parent, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes a file so that others see it whole or not at all; two processes may do so at the same time.
 *
 * @param make writes the file to the path that it is given, which lies in the same folder.
 */
export async function makeFile(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  await makeFolder(dirname(path));
  const temporary = `${path}.${randomUUID()}`;
  try {
    await make(temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

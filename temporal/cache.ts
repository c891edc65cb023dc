import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Folder for programs that are fetched or built once per machine: `KINORA_CACHE`, else the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['KINORA_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kinora');
}

/**
 * Makes a file so that others see it whole or not at all; two processes may do so at the same time.
 *
 * @param make writes the file to the path that it is given, which lies in the same folder.
 */
export async function makeFile(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  try {
    await make(temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A prompt as a file name, e.g. `a-red-circle-moving-left`: letters and digits of any script, at most 60 characters. */
export function slugOf(prompt: string): string {
  const words = prompt.toLowerCase().match(/[\p{Letter}\p{Number}\p{Mark}]+/gu) ?? [];
  const slug = words.reduce((name, word) => (name.length + word.length < 60 ? `${name}-${word}` : name), '').slice(1);
  return slug || words[0]?.slice(0, 60) || 'video';
}

/**
 * Writes `name.mp4` into the folder, or `name-2.mp4` and so on: never over a file that is there.
 *
 * @param write fills the file at the path that it is given.
 * @returns the path.
 */
export async function saveUnderFreeName(
  folder: string,
  name: string,
  write: (path: string) => Promise<void>,
): Promise<string> {
  for (let copy = 1; ; copy++) {
    const path = join(folder, `${name}${copy === 1 ? '' : `-${copy}`}.mp4`);
    try {
      await (await open(path, 'wx')).close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    try {
      await write(path);
      return path;
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }
}

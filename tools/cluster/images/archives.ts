import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../../../platform/config/user-error.ts';

/** What the overlay `local` runs of this project. */
const WANTED = ['kinora-api:dev', 'kinora-cpu-worker:dev', 'kinora-gpu-worker-on-cpu:dev'];

/**
 * The archives of a folder that hold the project's images; others are left out.
 *
 * @throws UserError naming the images that none holds
 */
export async function projectArchives(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: Error) => {
    throw new UserError(`--images: ${error.message}`);
  });
  const missing = new Set(WANTED);
  const archives: string[] = [];
  for (const path of names.filter((name) => name.endsWith('.tar')).map((name) => join(folder, name))) {
    const found = (await tagsOf(path)).filter((tag) => missing.delete(tag));
    if (found.length > 0) archives.push(path);
  }
  if (missing.size > 0) {
    throw new UserError(`--images: no .tar in ${folder} has ${[...missing].join(', ')}; docker save writes them`);
  }
  return archives;
}

async function tagsOf(archive: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('tar', ['-xOf', archive, 'manifest.json']);
  return (JSON.parse(stdout) as { RepoTags: string[] | null }[]).flatMap(({ RepoTags }) => RepoTags ?? []);
}

import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../platform/fetch/cache.ts';

const run = promisify(execFile);

/**
 * Prometheus, or its own judge of rules: the one on PATH, else the cached one, else out of Debian's package, which is
 * unpacked into the cache and not installed.
 *
 * @returns its path; null where there is none to be had
 */
export async function findPrometheus(program: 'prometheus' | 'promtool'): Promise<string | null> {
  const cached = join(cacheFolder(), 'prometheus', program);
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const path of [...folders.map((folder) => join(folder, program)), cached]) {
    if (await isProgram(path)) return path;
  }
  return await fromDebian(cached).then(
    () => cached,
    () => null,
  );
}

const isProgram = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

async function fromDebian(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const work = await mkdtemp(join(dirname(path), 'download-'));
  try {
    await run('apt-get', ['download', 'prometheus'], { cwd: work, timeout: 120_000 });
    const archive = (await readdir(work)).find((name) => name.endsWith('.deb'))!;
    await run('dpkg-deb', ['-x', archive, 'unpacked'], { cwd: work });
    await rename(join(work, 'unpacked/usr/bin', basename(path)), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

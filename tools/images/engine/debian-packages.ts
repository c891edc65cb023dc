import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { exists } from '../../../platform/files/folder.ts';

const run = promisify(execFile);
const FETCH_MS = 300_000;

/**
 * Debian's packages, and what this machine lacks of those that they need, unpacked into a folder and not installed, so that
 * nothing of this machine changes. A folder that is there is taken as it is.
 *
 * @returns the environment in which their programs run
 * @throws Error where apt does not know them, or there is no apt
 */
export async function unpackDebian(packages: readonly string[], folder: string): Promise<NodeJS.ProcessEnv> {
  if (await exists(folder)) return envOf(folder);
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.`);
  try {
    const wanted = await notInstalled(packages);
    await run('apt-get', ['download', ...wanted], { cwd: work, timeout: FETCH_MS });
    for (const archive of (await readdir(work)).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg-deb', ['-x', archive, 'unpacked'], { cwd: work });
    }
    await rename(join(work, 'unpacked'), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return envOf(folder);
}

/** They themselves, and what apt would install with them. */
async function notInstalled(packages: readonly string[]): Promise<string[]> {
  const args = ['install', '--simulate', '--no-install-recommends', ...packages];
  const { stdout } = await run('apt-get', args, { timeout: FETCH_MS });
  const more = [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name!);
  return [...new Set([...packages, ...more])];
}

async function envOf(folder: string): Promise<NodeJS.ProcessEnv> {
  const below = (...names: string[]) => names.map((name) => join(folder, name));
  const libraries: string[] = [];
  for (const base of below('usr/lib', 'lib')) {
    const names = await readdir(base).catch(() => [] as string[]);
    libraries.push(...names.filter((name) => name.endsWith('-linux-gnu')).map((name) => join(base, name)));
  }
  const path = (...parts: (string | undefined)[]) => parts.filter(Boolean).join(delimiter);
  return {
    PATH: path(...below('usr/sbin', 'usr/bin', 'sbin', 'bin'), process.env['PATH']),
    LD_LIBRARY_PATH: path(...libraries, process.env['LD_LIBRARY_PATH']),
    // Extensions of iptables.
    XTABLES_LIBDIR: path(...libraries.map((library) => join(library, 'xtables'))),
  };
}

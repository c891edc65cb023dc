import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../platform/fetch/cache.ts';
import { exists } from '../../../platform/files/folder.ts';
import { unpackDebian } from '../engine/debian-packages.ts';
import type { Engine } from '../engine/engine.ts';
import { onPath } from '../engine/docker-programs.ts';
import { machineFiles } from './machine.ts';

const SUITE = 'bookworm';
const MIRROR = 'http://deb.debian.org/debian';
const SECURITY = 'http://deb.debian.org/debian-security';
const SOURCES = [
  `deb ${MIRROR} ${SUITE} main`,
  `deb ${MIRROR} ${SUITE}-updates main`,
  `deb ${SECURITY} ${SUITE}-security main`,
];
/** Nothing of these is needed at run time. */
const LEFT_OUT = ['var/cache/apt/archives', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'];

/** The image that every stand-in begins with. */
export const BASE = 'kinora-stand-in/debian:bookworm';

/** Makes {@link BASE}: Debian by debootstrap, kept in the cache as an archive, with this machine's way to the registries. */
export async function makeBase(engine: Engine, tell: (line: string) => void): Promise<void> {
  const archive = join(cacheFolder(), 'stand-ins', `${SUITE}.tar`);
  if (!(await exists(archive))) {
    tell(`making Debian ${SUITE} with debootstrap …`);
    await debootstrap(archive);
  }
  const imported = `${BASE}-bare`;
  if (!(await engine.has(imported))) await engine.docker(['import', archive, imported]);
  const context = await mkdtemp(join(dirname(archive), 'base-'));
  try {
    for (const [path, content] of Object.entries(await machineFiles())) {
      await mkdir(dirname(join(context, path)), { recursive: true });
      await writeFile(join(context, path), content);
    }
    await engine.docker(['build', '--quiet', '--tag', BASE, '--file', '-', context], {
      input: `FROM ${imported}\nCOPY . /\nCMD ["bash"]\n`,
    });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function debootstrap(archive: string): Promise<void> {
  const run = promisify(execFile);
  await mkdir(dirname(archive), { recursive: true });
  const work = await mkdtemp(join(dirname(archive), 'debootstrap-'));
  const root = join(work, 'root');
  try {
    const { program, env } = await findDebootstrap();
    const options = { env: { ...process.env, ...env }, maxBuffer: 64 << 20 };
    await run(program, ['--variant=minbase', SUITE, root, MIRROR], options).catch(
      (error: Error & { stdout?: string }) => {
        throw new Error(
          `debootstrap failed: ${error.stdout?.trim().split('\n').slice(-5).join('\n') || error.message}`,
        );
      },
    );
    await writeFile(join(root, 'etc/apt/sources.list'), `${SOURCES.join('\n')}\n`);
    const excluded = LEFT_OUT.map((path) => `--exclude=./${path}/*`);
    await run('tar', ['-C', root, ...excluded, '-cf', join(work, 'root.tar'), '.']);
    await rename(join(work, 'root.tar'), archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The one on PATH, else that of Debian's package, which is a script. */
async function findDebootstrap(): Promise<{ program: string; env: NodeJS.ProcessEnv }> {
  const installed = await onPath('debootstrap');
  if (installed !== null) return { program: installed, env: {} };
  const folder = join(cacheFolder(), 'debootstrap');
  const env = await unpackDebian(['debootstrap'], folder);
  return {
    program: join(folder, 'usr/sbin/debootstrap'),
    env: { ...env, DEBOOTSTRAP_DIR: join(folder, 'usr/share/debootstrap') },
  };
}

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Image {
  /** With its tag. */
  name: string;
  /** Programs of this machine, by where they lie in the image; with the libraries that they are linked to. */
  programs: Record<string, string>;
  entrypoint: string[];
}

/** There is no list of users in it, where programs would look up who they are. */
const ENVIRONMENT = ['PATH=/usr/bin:/bin', 'USER=kinora', 'HOME=/tmp'];

/** Writes an image of one layer, as `docker save` would: for programs that come from no registry of images. */
export async function writeImage({ name, programs, entrypoint }: Image, archive: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'kinora-image-'));
  try {
    const root = join(work, 'root');
    for (const [at, program] of Object.entries(programs)) {
      await place(program, join(root, at));
      for (const library of await librariesOf(program)) await place(library, join(root, library));
    }
    await run('tar', ['--owner=0', '--group=0', '-C', root, '-cf', join(work, 'layer.tar'), '.']);
    const digest = createHash('sha256')
      .update(await readFile(join(work, 'layer.tar')))
      .digest('hex');
    const config = {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Entrypoint: entrypoint, Env: ENVIRONMENT },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    };
    await writeFile(join(work, 'config.json'), JSON.stringify(config));
    const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
    await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
    await run('tar', ['-C', work, '-cf', archive, 'manifest.json', 'config.json', 'layer.tar']);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

/** Empty for a program that is linked to none. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]).catch(() => ({ stdout: '' }));
  return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path]) => path!);
}

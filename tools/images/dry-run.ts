import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type BuiltStage } from './build.ts';
import { assertContents, assertNamesLack, assertRefusesCuda, loadOnCuda } from './contents.ts';
import { copyContext } from './context.ts';
import { parseDockerfile } from './dockerfile.ts';
import { ROOT, TARGETS } from './targets.ts';

const TINY = join(ROOT, 'gpu-worker/models/mochi-tiny');

/**
 * Carries the Dockerfile out without an engine, line by line in empty folders, and starts what it made. Base images are not
 * part of it.
 */
export async function dryRun(say: (line: string) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-images-'));
  try {
    const context = join(folder, 'context');
    await copyContext(ROOT, context);
    const dockerfile = parseDockerfile(await readFile(join(ROOT, 'Dockerfile'), 'utf8'));
    const stages = await build(dockerfile, context, folder, say);
    for (const target of TARGETS) {
      const stage = stages.get(target)!;
      assertContents(target, await readdir(join(stage.root, stage.folder), { recursive: true }));
      assertNamesLack(target, await start(stage.cmd, stage, {}));
      const megabytes = Math.round((await sizeOf(stage.root)) / 1e6);
      say(`${target}: ${megabytes} MB above its base image; starts, and names what it lacks`);
    }
    assertRefusesCuda(await start(['node', ...loadOnCuda(TINY)], stages.get('gpu-worker')!, { TMPDIR: folder }));
    say('gpu-worker: without CUDA libraries it ends, and names the one that is missing');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function start([program, ...args]: string[], { root, folder, env }: BuiltStage, more: Record<string, string>) {
  const child = spawn(program!, args, {
    cwd: join(root, folder),
    env: { PATH: process.env['PATH'], ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    files
      .filter((file) => file.isFile())
      .map(async (file) => (await stat(join(file.parentPath ?? file.path, file.name))).size),
  );
  return sizes.reduce((total, size) => total + size, 0);
}

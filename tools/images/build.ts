import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Instruction, Stage } from './dockerfile.ts';

/** A stage as a folder: what would be the image's file system, without its base image. */
export interface BuiltStage {
  root: string;
  folder: string;
  env: Record<string, string>;
  user: string;
  cmd: string[];
  entrypoint: string[];
  health: boolean;
}

/** Installing Debian's packages would change this machine: apt only says whether it could. */
const SIMULATED_APT = `#!/bin/sh
[ "$1" = update ] && exit 0
exec /usr/bin/apt-get --simulate -qq "$@"
`;

/**
 * Carries out a Dockerfile without Docker: every stage in an empty folder of its own, every RUN line by the shell with
 * nothing of this machine's environment. Base images are not there: their programs are this machine's.
 *
 * @param context folder that Docker would be sent
 * @param tell is given each line before it is run
 * @throws Error naming the line that failed, with the end of its output
 */
export async function build(
  stages: Stage[],
  context: string,
  into: string,
  tell: (line: string) => void,
): Promise<Map<string, BuiltStage>> {
  const bin = join(into, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'apt-get'), SIMULATED_APT);
  await chmod(join(bin, 'apt-get'), 0o755);

  const built = new Map<string, BuiltStage>();
  for (const { name, base, instructions } of stages) {
    const root = join(into, 'stages', name);
    const before = built.get(base);
    const stage: BuiltStage = before
      ? { ...before, env: { ...before.env }, root }
      : { root, folder: '/', env: {}, user: '0', cmd: [], entrypoint: [], health: false };
    await mkdir(root, { recursive: true });
    if (before) await cp(before.root, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    for (const instruction of instructions) await carryOut(instruction, stage, { name, built, context, bin, tell });
    built.set(name, stage);
  }
  return built;
}

interface Surroundings {
  name: string;
  built: Map<string, BuiltStage>;
  context: string;
  bin: string;
  tell: (line: string) => void;
}

async function carryOut({ name, flags, text, line }: Instruction, stage: BuiltStage, around: Surroundings) {
  const at = (path: string) => join(stage.root, posix.resolve(stage.folder, path));
  switch (name) {
    case 'WORKDIR':
      stage.folder = posix.resolve(stage.folder, text);
      return void (await mkdir(at('.'), { recursive: true }));
    case 'ENV':
      for (const pair of text.split(/\s+/)) stage.env[pair.split('=')[0]!] = pair.slice(pair.indexOf('=') + 1);
      return;
    case 'USER':
      stage.user = text;
      return;
    case 'CMD':
      stage.cmd = JSON.parse(text) as string[];
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = JSON.parse(text) as string[];
      return;
    case 'HEALTHCHECK':
      JSON.parse(text.replace(/^CMD /, ''));
      stage.health = true;
      return;
    case 'EXPOSE':
      return;
    case 'COPY':
      return copy(text.split(/\s+/), flags['from'], stage, around);
    case 'RUN':
      around.tell(`${around.name}: ${text}`);
      // A path of this machine's own must not be touched; in the image there is no other.
      if (/(^|[\s='"])\/(?!dev\/null)/.test(text)) throw new Error(`Dockerfile:${line}: RUN names an absolute path`);
      return run(text, at('.'), { ...stage.env, PATH: `${around.bin}:${process.env['PATH']}` }, line);
    default:
      throw new Error(`Dockerfile:${line}: ${name} is not understood`);
  }
}

async function copy(paths: string[], from: string | undefined, stage: BuiltStage, { built, context }: Surroundings) {
  const to = paths.pop()!;
  const source = from === undefined ? context : built.get(from)!.root;
  for (const path of paths) {
    // The one program that comes from a base image.
    if (path === '/usr/local/bin/node') continue;
    const isFile = /\.[a-z]+$/.test(path);
    const target = join(
      stage.root,
      posix.resolve(stage.folder, to),
      isFile && to.endsWith('/') ? path.split('/').at(-1)! : '',
    );
    await cp(join(source, path), target, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  }
}

async function run(text: string, cwd: string, env: Record<string, string>, line: number): Promise<void> {
  const home = { HOME: process.env['HOME'] ?? '/', npm_config_cache: process.env['npm_config_cache'] };
  const child = spawn('/bin/sh', ['-ec', text], { cwd, env: { ...home, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => (said = (said + part).slice(-4_000)));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`Dockerfile:${line}: ended with ${code}: ${text}\n${said}`);
}

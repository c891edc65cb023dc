/**
 * `npm run check:images`: carries the Dockerfile out without Docker, line by line in empty folders, and starts what it made.
 * Base images are not part of it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLE_VARIANTS } from '../../temporal/bundle.ts';
import { EXIT_CONFIG, runProcess } from '../../platform/process/run-process.ts';
import { build, type BuiltStage } from './build.ts';
import { copyContext } from './context.ts';
import { parseDockerfile } from './dockerfile.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TINY = join(ROOT, 'gpu-worker/models/mochi-tiny');

async function main(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-images-'));
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    const context = join(folder, 'context');
    await copyContext(ROOT, context);
    const dockerfile = parseDockerfile(await readFile(join(ROOT, 'Dockerfile'), 'utf8'));
    const stages = await build(dockerfile, context, folder, say);
    for (const name of ['api', 'cpu-worker', 'gpu-worker', 'gpu-worker-on-cpu']) {
      const stage = stages.get(name)!;
      await checkFiles(name, stage);
      await checkStart(name, stage);
      say(
        `${name}: ${Math.round((await sizeOf(stage.root)) / 1e6)} MB above its base image; starts, and names what it lacks`,
      );
    }
    await checkCuda(stages.get('gpu-worker')!, folder);
    say('gpu-worker: without CUDA libraries it ends, and names the one that is missing');
    return 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkFiles(name: string, { root, folder }: BuiltStage): Promise<void> {
  const files = await readdir(join(root, folder), { recursive: true });
  const refuse = (what: string, found: string | undefined) => {
    if (found !== undefined) throw new Error(`${name}: holds ${what}: ${found}`);
  };
  refuse(
    'weights',
    files.find((file) => file.endsWith('.safetensors')),
  );
  refuse(
    'tests',
    files.find((file) => file.startsWith('dist/test/')),
  );
  refuse(
    'another platform',
    files.find((file) => /\.(dll|dylib)$/.test(file) && file.includes('onnxruntime')),
  );
  // Made at run time it would have to be written, which the image's file system refuses.
  const bundles = files.filter((file) => /^dist\/workflow-bundle[-a-z]*\.js$/.test(file));
  if (bundles.length !== BUNDLE_VARIANTS.length)
    throw new Error(`${name}: has no workflow bundles but ${bundles.join(', ')}`);
  const runtime = files.filter((file) => /libonnxruntime.*\.so/.test(file));
  const cuda = runtime.filter((file) => file.includes('cuda'));
  if (cuda.length !== (name === 'gpu-worker' ? 1 : 0) || runtime.length > 0 !== name.startsWith('gpu-worker')) {
    throw new Error(`${name}: ONNX Runtime's libraries there: ${runtime.join(', ') || 'none'}`);
  }
}

/** Without settings every module is loaded, and the process ends with the settings that it lacks. */
async function checkStart(name: string, stage: BuiltStage): Promise<void> {
  const { code, said } = await start(stage.cmd, stage, {});
  if (code !== EXIT_CONFIG || !/SCRATCH_URL is not set/.test(said)) {
    throw new Error(`${name}: ended with ${code} in place of ${EXIT_CONFIG}:\n${said}`);
  }
}

/** On a machine without CUDA the model must not load, neither on the GPU nor, silently, on the CPU. */
async function checkCuda(stage: BuiltStage, folder: string): Promise<void> {
  const program = `
    const { Mochi } = await import('./dist/gpu-worker/families/mochi/index.js');
    await Mochi.load(${JSON.stringify(TINY)}, { devices: ['cuda:0'] });
    process.exit(0);`;
  const { code, said } = await start(['node', '--input-type=module', '-e', program], stage, { TMPDIR: folder });
  if (code === 0 || !/lib(cu\w+|onnxruntime_providers_cuda)[\w.]*\.so|CUDA failure|no CUDA-capable device/.test(said)) {
    throw new Error(`gpu-worker: loading on CUDA ended with ${code}:\n${said}`);
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

await runProcess(main);

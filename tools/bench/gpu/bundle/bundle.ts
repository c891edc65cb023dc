import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { CUDA_PROVIDER, PROVIDER_BRIDGE } from '../../../cuda/provider.ts';
import { type Blanked, blankOtherArchitectures } from './fat-binaries.ts';
import { neededFiles } from './needed-files.ts';
import { Pieces } from './pieces.ts';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const SCRIPT = 'tools/bench/gpu/bundle/run.sh';
/** Programs, as far as no other one names them. */
const PROGRAMS = ['command', 'step-process'].map((name) => `dist/tools/bench/gpu/${name}.js`);
const STARTED = ['attention'].map((name) => `dist/tools/bench/programs/${name}.js`);
/** What they read. */
const DATA = [
  'package.json',
  'k8s/images/cuda-provider.txt',
  'tools/bench/python/gpu_timings.py',
  'test/fixtures/mochi-tiny-random',
  'gpu-worker/models/mochi-tiny/scheduler',
  'gpu-worker/models/mochi-tiny/tokenizer',
];
const RUNTIME = 'node_modules/onnxruntime-node/bin/napi-v6';
const PLATFORM = 'linux/x64';

/**
 * Lays out everything that the GPU benchmark needs on a bare machine (Linux on x64): this Node, the compiled programs, the
 * packages that they import, and ONNX Runtime with its CUDA provider for one kind of GPU. CUDA's own libraries and
 * cuDNN are not in it.
 *
 * @param provider folder with the CUDA provider; null for a bundle that only runs with `--cpu`
 * @param arch of the GPU, e.g. 90
 * @returns what became of the provider's code for other GPUs
 */
export async function layOut(layout: string, provider: string | null, arch: number): Promise<Blanked | null> {
  const { modules, packages } = await neededFiles(ROOT, [...PROGRAMS, ...STARTED]);
  for (const path of [...modules, ...DATA]) await copy(path, layout);
  for (const name of packages) await copy(join('node_modules', name), layout, isNeeded);
  await cp(process.execPath, join(layout, 'node'));
  await chmod(join(layout, 'node'), 0o755);
  if (provider === null) return null;
  const to = join(layout, RUNTIME, PLATFORM);
  await cp(join(provider, PROVIDER_BRIDGE), join(to, PROVIDER_BRIDGE));
  const library = await readFile(join(provider, CUDA_PROVIDER));
  const blanked = blankOtherArchitectures(library, arch);
  await writeFile(join(to, CUDA_PROVIDER), library);
  return blanked;
}

/**
 * Packs a folder into pieces, with the script that joins and starts them.
 *
 * @param pieceBytes of a piece at most
 * @returns how many pieces
 */
export async function pack(layout: string, folder: string, pieceBytes: number): Promise<number> {
  await mkdir(folder, { recursive: true });
  const tar = spawn('tar', ['-C', layout, '--owner=0', '--group=0', '--sort=name', '-cf', '-', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(tar, 'close');
  const pieces = new Pieces(folder, pieceBytes);
  await pipeline(tar.stdout, createGzip(), pieces);
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`tar ended with ${code}`);
  await cp(join(ROOT, SCRIPT), join(folder, 'run.sh'));
  return pieces.count;
}

async function copy(path: string, layout: string, filter?: (path: string) => boolean): Promise<void> {
  await mkdir(dirname(join(layout, path)), { recursive: true });
  await cp(join(ROOT, path), join(layout, path), { recursive: true, ...(filter && { filter }) });
}

/** Not what is for other platforms, the provider as it was, and what only explains. */
function isNeeded(path: string): boolean {
  const [, within] = path.split(`${RUNTIME}/`);
  if (within === undefined) return !/\.(map|md|d\.[cm]?ts)$/.test(path);
  return (PLATFORM.startsWith(within) || within.startsWith(PLATFORM)) && !within.endsWith(CUDA_PROVIDER);
}
